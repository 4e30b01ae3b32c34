-- The gateway that the latest text left through, of the latest hundred; no row where none of them names one, as with
-- another client's; idx_auto_sync_messages_sent_at.
select latest.gateway
from (
  select
    m.gateway,
    m.sent_at
  from public.auto_sync_messages as m
  where m.sent_at is not null
  order by m.sent_at desc
  limit 100
) as latest
where latest.gateway is not null
order by latest.sent_at desc
limit 1
