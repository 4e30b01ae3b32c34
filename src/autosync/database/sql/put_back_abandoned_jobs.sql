-- Puts back jobs that another client took and left for half an hour after they were due; idx_job_queue_processing.
-- Where a job of the type has been scheduled since, the abandoned one is skipped instead.
with abandoned as (
  select
    j.id,
    row_number() over (partition by j.sync_id, j.job_type order by j.scheduled_at, j.id) > 1
    or exists (
      select from public.job_queue as p
      where p.sync_id = j.sync_id and p.job_type = j.job_type and p.status = 'pending'
    ) as superseded
  from (
    select *
    from public.job_queue
    where status = 'processing' and scheduled_at < (select public.autosync_now()) - interval '30 minutes'
    order by scheduled_at
    limit %(limit)s
    for update skip locked
  ) as j
)

update public.job_queue as j
set
  status = case when a.superseded then 'skipped' else 'pending' end,
  processed_at = case when a.superseded then public.autosync_now() end,
  error_message = case
    when a.superseded then 'Another client left it in processing, and a job of its type has been scheduled since.'
    else 'Another client left it in processing; it was put back.'
  end
from abandoned as a
where j.id = a.id
