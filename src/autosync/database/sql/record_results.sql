-- Records what the gateway said, unless a later attempt has begun; primary key. A pause: when to try or look again.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch.
update public.auto_sync_messages as m
set
  status = d.status,
  status_reason = d.reason,
  error_code = d.error_code,
  gateway_message_id = coalesce(d.gateway_message_id, m.gateway_message_id),
  sent_at = case when d.status = 'sent' then public.autosync_now() end,
  send_after = public.autosync_now() + d.pause,
  turn_at = null
from unnest(
    %(message_ids)s::uuid[],
    %(attempts)s::integer[],
    %(statuses)s::text[],
    %(gateway_message_ids)s::text[],
    %(error_codes)s::text[],
    %(reasons)s::text[],
    %(pauses)s::interval[]
  ) as d (id, attempt, status, gateway_message_id, error_code, reason, pause)
where m.id = d.id and m.id = any(array(select unnest(%(message_ids)s::uuid[])))
  and m.attempt = d.attempt and m.status in ('sending', 'unknown')
