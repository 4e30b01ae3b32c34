-- Adds the options of one sync; their trigger schedules the end.
insert into public.auto_sync_options (id, auto_sync_id, idx, start_time, end_time, timezone)
select
  n.id,
  %(sync_id)s,
  n.idx,
  n.start_time,
  n.end_time,
  %(timezone)s
from unnest(
    %(ids)s::uuid[], %(numbers)s::integer[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]
  ) as n (id, idx, start_time, end_time)
