-- Lets the texts go that were held because sending was paused, of an organizer or of everybody (null), a tenth of a second
-- apart, up to ten minutes; idx_auto_sync_messages_queued.
with held as (
  select
    m.id,
    row_number() over (order by m.created_at, m.id) as turn
  from public.auto_sync_messages as m
  inner join public.auto_syncs as s on s.id = m.auto_sync_id
  where m.status = 'queued' and m.status_reason like %(held_because)s || '%%'
    and (%(organizer_id)s::uuid is null or s.organizer_id = %(organizer_id)s::uuid)
)

update public.auto_sync_messages as m
set
  send_after = (select public.autosync_now()),
  turn_at = (select public.autosync_now()) + interval '100 milliseconds' * least(h.turn, 6000),
  status_reason = null
from held as h
where m.id = h.id and m.status = 'queued'
