-- Pending jobs far in the future, of syncs that are not there.
insert into public.job_queue (sync_id, job_type, scheduled_at)
select
  md5('elsewhere ' || n.i)::uuid,
  'auto_end_check',
  now() + interval '24 hours' + n.i * interval '1 second'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
