-- Moves a text's state forward to what its gateway says of it, never back; whether it moved; primary key. A text that
-- was queued again because it seemed lost, but was not, is held where it is.
-- A number that the carrier says has opted out is suppressed with it; the first time stays.
-- A report names its text for certain, a look-up knows it by its words: where another text with the same words was given
-- what this report is on, that one is unknown again, and looked up anew; idx_auto_sync_messages_phone_number.
with moved as (
  update public.auto_sync_messages as m
  set
    status = %(status)s,
    gateway_message_id = coalesce(m.gateway_message_id, %(gateway_message_id)s),
    error_code = coalesce(%(error_code)s, m.error_code),
    status_reason = %(reason)s,
    sent_at = coalesce(m.sent_at, public.autosync_now()),
    send_after = null
  where m.id = %(message_id)s
    and m.gateway = %(gateway)s
    and coalesce(m.gateway_message_id, %(gateway_message_id)s) = %(gateway_message_id)s
    and not %(gateway_message_id)s = any(coalesce(m.expired_ids, '{}'))
    and (
      m.status in ('sending', 'unknown')
      or (m.status = 'queued' and m.attempt > 0)
      or (m.status = 'sent' and %(status)s <> 'sent')
    )
  returning m.phone_number, m.status_reason, m.auto_sync_id
),

given_back as (
  update public.auto_sync_messages as other
  set
    status = 'unknown',
    status_reason = 'What the gateway has is another text with the same words; looked up again.',
    gateway_message_id = null,
    sent_at = null,
    send_after = public.autosync_now()
  from moved as m
  where other.phone_number = m.phone_number and other.id <> %(message_id)s
    and other.gateway = %(gateway)s and other.gateway_message_id = %(gateway_message_id)s
    and other.status in ('sent', 'delivered')
),

suppressed as (
  insert into public.auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)
  select
    public.autosync_number_hash(m.phone_number),
    m.phone_number,
    public.autosync_now(),
    'gateway',
    m.status_reason
  from moved as m
  where %(opted_out)s and m.phone_number is not null
  on conflict (number_hash) do nothing
)

select moved.auto_sync_id
from moved
