-- Deletes up to %(limit)s jobs that were done or skipped three days ago or earlier; idx_job_queue_cleanup, then the
-- primary key. The array is made once: a plan that asked for the batch twice would delete more than one. The limit
-- hides in a sub-select, see claim_due_jobs.
delete from public.job_queue
where id = any(array(
    select j.id
    from public.job_queue as j
    where j.status in ('processed', 'skipped') and j.processed_at < (select public.autosync_now()) - interval '72 hours'
    order by j.processed_at
    limit (select %(limit)s::bigint)
    for update skip locked
  ))
