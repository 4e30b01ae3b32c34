-- The newest sync of these organizers, in any state; idx_auto_syncs_organizer_status.
select s.id
from public.auto_syncs as s
where s.organizer_id = any(%(organizer_ids)s::uuid[])
order by s.created_at desc, s.id
limit 1
