-- Queues a text again that expired at its gateway before it was sent; whether it did; primary key. What the gateway
-- called it is kept aside, so that a report that comes twice, or late, is not taken for one on the next attempt.
with again as (
  update public.auto_sync_messages as m
  set
    status = 'queued',
    status_reason = 'It waited at the gateway until it had expired.',
    gateway_message_id = null,
    expired_ids = m.expired_ids || array[%(gateway_message_id)s::text],
    sent_at = null,
    send_after = public.autosync_now(),
    turn_at = null
  where m.id = %(message_id)s
    and m.gateway = %(gateway)s
    and m.status in ('sending', 'unknown', 'sent')
    and coalesce(m.gateway_message_id, %(gateway_message_id)s) = %(gateway_message_id)s
    and not %(gateway_message_id)s = any(coalesce(m.expired_ids, '{}'))
    and m.body is not null
    and m.attempt < %(most_attempts)s
  returning m.id
)

select exists(select from again)
