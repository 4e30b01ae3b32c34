-- Up to %(limit)s running and paused syncs of these organizers, paused ones first; idx_auto_syncs_organizer_status.
select s.id
from public.auto_syncs as s
where s.organizer_id = any(%(organizer_ids)s::uuid[]) and s.status in ('running', 'paused')
order by s.status = 'paused' desc, s.created_at desc, s.id
limit %(limit)s
