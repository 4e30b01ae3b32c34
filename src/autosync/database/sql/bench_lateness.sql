-- One row: how many jobs were finished, and in seconds how late half of them, all but a hundredth, and the last one were.
select
  count(*) as jobs,
  extract(epoch from percentile_cont(0.5) within group (order by late))::float8 as p50,
  extract(epoch from percentile_cont(0.99) within group (order by late))::float8 as p99,
  extract(epoch from max(late))::float8 as longest
from public.bench_lateness
