-- What became of texts that were put in doubt since %(since)s, when the database had been put back: state, whether it goes on
-- by itself, how many. A scan, for a verb that an operator needs once.
select
  m.status,
  m.send_after is not null as goes_on,
  count(*)
from public.auto_sync_messages as m
where m.doubted_at >= %(since)s
group by m.status, m.send_after is not null
