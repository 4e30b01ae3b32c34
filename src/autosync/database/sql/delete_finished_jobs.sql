-- Deletes up to %(limit)s jobs that were done or skipped three days ago or earlier; idx_job_queue_cleanup.
-- Materialized: a plan that asked for the batch twice would delete more than one.
with batch as materialized (
  select j.id
  from public.job_queue as j
  where j.status in ('processed', 'skipped') and j.processed_at < (select public.autosync_now()) - interval '72 hours'
  order by j.processed_at
  limit %(limit)s
  for update skip locked
)

delete from public.job_queue as j
using batch as b
where j.id = b.id
