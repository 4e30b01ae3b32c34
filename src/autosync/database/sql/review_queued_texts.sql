-- How many queued texts should have left more than %(patience)s ago, for how many seconds the oldest has waited, and
-- how many are held back until later, each counted to %(enough)s; idx_auto_sync_messages_queued.
select
  count(*) as late,
  case
    when count(*) = 0 then 0
    else extract(epoch from public.autosync_now() - greatest(min(d.send_after), '2000-01-01'))
  end::float8 as waited,
  (
    select count(*) from (
      select from public.auto_sync_messages as m
      where m.status = 'queued' and m.send_after > (select public.autosync_now()) and m.status_reason is not null
      limit %(enough)s
    ) as h
  ) as held
from (
  select m.send_after
  from public.auto_sync_messages as m
  where m.status = 'queued' and m.send_after < (select public.autosync_now()) - %(patience)s::interval
  order by m.send_after
  limit %(enough)s
) as d
