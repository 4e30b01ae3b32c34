-- Queues these given-up texts again with all their attempts, %(step)s apart, the first one %(wait)s from now, and returns
-- their syncs and ids; primary key. Each passes all that a text must pass when it leaves.
update public.auto_sync_messages as m
set
  status = 'queued',
  status_reason = %(reason)s,
  attempt = 0,
  sent_at = null,
  send_after = (select public.autosync_now()) + %(wait)s::interval + %(step)s::interval * (d.place - 1),
  turn_at = null
from unnest(%(message_ids)s::uuid[], %(sync_ids)s::uuid[]) with ordinality as d (id, sync_id, place)
where m.id = d.id and m.auto_sync_id = d.sync_id and m.status = 'failed'
  and m.body is not null and m.error_code is null and m.gateway_message_id is null
returning m.auto_sync_id, m.id
