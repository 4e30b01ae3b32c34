-- How many texts were sent, and of those written then how many failed, from %(start)s until %(over)s, by steps of
-- %(width)s; idx_auto_sync_messages_sent_at, idx_auto_sync_messages_failed.
select
  d.step,
  count(*) filter (where not d.has_failed) as sent,
  count(*) filter (where d.has_failed) as failed
from (
  select
    date_bin(%(width)s::interval, m.sent_at, %(start)s::timestamptz) as step,
    false as has_failed
  from public.auto_sync_messages as m
  where m.sent_at >= %(start)s::timestamptz and m.sent_at < %(over)s::timestamptz
    and m.status in ('sent', 'delivered')
  union all
  select
    date_bin(%(width)s::interval, m.created_at, %(start)s::timestamptz) as step,
    true as has_failed
  from public.auto_sync_messages as m
  where m.status = 'failed'
    and m.created_at >= %(start)s::timestamptz and m.created_at < %(over)s::timestamptz
) as d
group by d.step
order by d.step
