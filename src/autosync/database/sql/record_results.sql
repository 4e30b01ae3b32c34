-- Records what the gateway said, unless a later attempt has begun; primary key. A pause: when to try or look again.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
-- What would leave again but has lost its words meanwhile, with somebody who was deleted, is canceled.
-- A number that the carrier says has opted out is suppressed with it; the first time stays.
with recorded as (
  update public.auto_sync_messages as m
  set
    status = case when d.status = 'queued' and m.body is null then 'canceled' else d.status end,
    status_reason = case
      when d.status = 'queued' and m.body is null then 'It did not leave, and its words have been deleted.'
      else d.reason
    end,
    error_code = d.error_code,
    gateway_message_id = coalesce(d.gateway_message_id, m.gateway_message_id),
    sent_at = case when d.status = 'sent' then (select public.autosync_now()) end,
    send_after = (select public.autosync_now()) + d.pause,
    turn_at = null
  from unnest(
      %(message_ids)s::uuid[],
      %(attempts)s::integer[],
      %(statuses)s::text[],
      %(gateway_message_ids)s::text[],
      %(error_codes)s::text[],
      %(reasons)s::text[],
      %(pauses)s::interval[],
      %(opted_out)s::boolean[]
    ) as d (id, attempt, status, gateway_message_id, error_code, reason, pause, opted_out)
  where m.id = d.id and m.id = any(array(select unnest(%(message_ids)s::uuid[])))
    and m.auto_sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
    and m.attempt = d.attempt and m.status in ('sending', 'unknown')
  returning m.phone_number, d.opted_out, d.reason
)

insert into public.auto_sync_suppressions (number_hash, phone_number, suppressed_at, source, reason)
select
  public.autosync_number_hash(r.phone_number),
  r.phone_number,
  (select public.autosync_now()),
  'gateway',
  r.reason
from recorded as r
where r.opted_out and r.phone_number is not null
on conflict (number_hash) do nothing
