-- Up to %(limit)s syncs, the newest first: of one organizer (idx_auto_syncs_organizer_status) or of all, in one state
-- or in any (idx_auto_syncs_status).
select
  s.id,
  s.event_name,
  s.status::text as status,
  coalesce(s.started_at, s.created_at) as started_at,
  (select count(*) from public.auto_sync_invitees as i where i.auto_sync_id = s.id) as invitees,
  (
    select count(*)
    from public.auto_sync_invitees as i
    inner join public.auto_sync_responses as r on r.auto_sync_id = i.auto_sync_id and r.contact_id = i.contact_id
    where i.auto_sync_id = s.id
  ) as answered,
  (
    select min(j.scheduled_at) from public.job_queue as j where j.sync_id = s.id and j.status = 'pending'
  ) as next_job_at
from public.auto_syncs as s
where (%(organizer_id)s::uuid is null or s.organizer_id = %(organizer_id)s::uuid)
  and (%(status)s::text is null or s.status::text = %(status)s::text)
order by s.created_at desc, s.id
limit %(limit)s
