-- Three options for each of these syncs, all of them weeks ahead.
insert into public.auto_sync_options (auto_sync_id, idx, start_time, end_time, timezone)
select
  md5('sync ' || n.i)::uuid,
  o.i,
  date_trunc('hour', now()) + interval '480 hours' + o.i * interval '24 hours',
  date_trunc('hour', now()) + interval '482 hours' + o.i * interval '24 hours',
  'America/New_York'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
cross join generate_series(1, 3) as o (i)
order by n.i, o.i
