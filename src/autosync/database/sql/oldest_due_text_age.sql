-- For how long the oldest due text has waited to leave, null if none does; idx_auto_sync_messages_queued.
-- Its turn may be up to ten minutes behind its time, see queue_texts: a text is late once its turn is over. For the year 10
-- see oldest_due_age.
select public.autosync_now() - greatest(timestamptz '0010-01-01 00:00Z', d.turn) as age
from (
  select coalesce(m.turn_at, m.send_after) as turn
  from public.auto_sync_messages as m
  where m.status = 'queued' and coalesce(m.turn_at, m.send_after) <= (select public.autosync_now())
    and m.send_after <= (select public.autosync_now())
  order by coalesce(m.turn_at, m.send_after)
  limit 1
) as d
