-- How many syncs of one organizer are in each state; idx_auto_syncs_organizer_status.
select
  s.status::text as sync_status,
  count(*) as syncs
from public.auto_syncs as s
where s.organizer_id = %(organizer_id)s
group by s.status
