-- The texts that a job brought about, counted by type and fate; idx_auto_sync_messages_once.
select
  m.message_type,
  m.status,
  count(*) as texts
from public.job_queue as j
inner join public.auto_sync_messages as m on m.auto_sync_id = j.sync_id and m.cause_id = j.id
where j.id = %(job_id)s
group by m.message_type, m.status
order by m.message_type, m.status
