-- Jobs that were done within three days, of syncs that are not there.
insert into public.job_queue (sync_id, job_type, scheduled_at, status, processed_at)
select
  md5('past ' || n.i)::uuid,
  'reminder_24h',
  now() - mod(n.i, 259200) * interval '1 second',
  'processed',
  now() - mod(n.i, 259200) * interval '1 second'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
