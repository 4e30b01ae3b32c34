-- Makes these failed jobs due, %(step)s apart, the first one %(wait)s from now, and returns their syncs and ids; primary
-- key, idx_job_queue_one_pending. Left as they are: jobs of a sync that has ended, and all but the latest of a type for
-- a sync, or all where one is pending already.
with latest as (
  select distinct on (j.sync_id, j.job_type) j.id
  from public.job_queue as j
  inner join public.auto_syncs as s on s.id = j.sync_id
  where j.id = any(%(job_ids)s::uuid[])
    and j.status = 'failed'
    and s.status in ('running', 'paused')
    and not exists (
      select from public.job_queue as p
      where p.sync_id = j.sync_id and p.job_type = j.job_type and p.status = 'pending'
    )
  order by j.sync_id, j.job_type, j.scheduled_at desc, j.id
),

numbered as (
  select
    l.id,
    row_number() over (order by l.id) - 1 as place
  from latest as l
)

update public.job_queue as j
set
  status = 'pending',
  scheduled_at = (select public.autosync_now()) + %(wait)s::interval + %(step)s::interval * n.place,
  processed_at = null
from numbered as n
where j.id = n.id and j.status = 'failed'
returning j.sync_id, j.id
