-- The calendar's part of a sync, if it has one; primary keys. Somebody else's, whose deleted sync had the same id, is not
-- its own.
select
  e.sync_id,
  e.status,
  e.sequence,
  e.option_id,
  e.delivery,
  e.known_sequence,
  e.attempt,
  e.claimed_at,
  e.next_attempt_at,
  e.reason,
  e.changed_at
from public.auto_sync_events as e
where e.sync_id = %(sync_id)s
  and not exists (
    select from public.auto_syncs as s where s.id = e.sync_id and s.organizer_id <> e.organizer_id
  )
