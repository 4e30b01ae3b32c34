-- Locks one sync until the transaction ends, waiting for whoever has it; its organizer and state; primary key.
select
  s.organizer_id,
  s.status::text as status
from public.auto_syncs as s
where s.id = %(sync_id)s
for no key update
