-- Up to %(limit)s unknown texts whose look-up is due, with how long ago each was claimed;
-- idx_auto_sync_messages_in_flight.
select
  m.id,
  m.attempt,
  m.phone_number,
  m.body,
  m.claimed_at,
  m.gateway,
  clock_timestamp() - m.claimed_at as age
from public.auto_sync_messages as m
where m.status = 'unknown' and m.send_after <= (select public.autosync_now())
order by m.claimed_at
limit %(limit)s
