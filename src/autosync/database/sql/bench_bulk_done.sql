-- Jobs that were done within three days, of syncs that are not there.
insert into public.job_queue (sync_id, job_type, scheduled_at, status, processed_at)
select
  md5('past ' || n.i)::uuid,
  'reminder_24h',
  now() - n.i * interval '72 hours' / greatest(%(count)s::integer, 1),
  'processed',
  now() - n.i * interval '72 hours' / greatest(%(count)s::integer, 1)
from generate_series(1, %(count)s::integer) as n (i)
