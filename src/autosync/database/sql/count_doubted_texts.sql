-- What became of texts that were put in doubt when the database had been put back: (state, how many). A scan, for a verb
-- that an operator needs once.
select
  m.status,
  count(*)
from public.auto_sync_messages as m
where m.doubted_at is not null
group by m.status
