-- The organizer of one sync; primary key.
select s.organizer_id
from public.auto_syncs as s
where s.id = %(sync_id)s
