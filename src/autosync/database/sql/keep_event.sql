-- Makes the event of a completed sync, locked first as whoever changes it would, where it was lost; primary keys.
select public.auto_sync_keep_event(s.id)
from (select id from public.auto_syncs where id = %(sync_id)s for no key update) as s
where not exists (select from public.auto_sync_events as e where e.sync_id = s.id)
