-- The texts that a job, or the jobs of one sync (null: any), brought about, counted by job, type and fate;
-- idx_auto_sync_messages_once.
select
  j.id,
  m.message_type,
  m.status,
  count(*) as texts
from public.job_queue as j
inner join public.auto_sync_messages as m on m.auto_sync_id = j.sync_id and m.cause_id = j.id
where (%(job_id)s::uuid is null or j.id = %(job_id)s::uuid)
  and (%(sync_id)s::uuid is null or j.sync_id = %(sync_id)s::uuid)
group by j.id, m.message_type, m.status
order by j.id, m.message_type, m.status
