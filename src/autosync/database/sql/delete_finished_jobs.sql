-- Deletes up to %(limit)s jobs that were done or skipped three days ago or earlier; idx_job_queue_cleanup.
delete from public.job_queue
where id in (
  select j.id
  from public.job_queue as j
  where j.status in ('processed', 'skipped') and j.processed_at < (select public.autosync_now()) - interval '72 hours'
  order by j.processed_at
  limit %(limit)s
  for update skip locked
)
