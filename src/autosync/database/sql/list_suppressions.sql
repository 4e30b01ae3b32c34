-- Up to %(limit)s suppressed numbers, the newest first; an operator's look, which may read them all.
select
  s.phone_number,
  s.suppressed_at,
  s.source,
  s.reason
from public.auto_sync_suppressions as s
order by s.suppressed_at desc, s.number_hash
limit %(limit)s
