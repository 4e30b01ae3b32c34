-- Up to %(limit)s unknown texts whose look-up is due, with how long ago each was claimed and the gateway's ids of other
-- texts to its number since about then, and of its own that expired; idx_auto_sync_messages_in_flight, idx_auto_sync_messages_phone_number.
select
  m.id,
  m.auto_sync_id,
  m.attempt,
  m.phone_number,
  m.body,
  m.claimed_at,
  m.gateway,
  clock_timestamp() - m.claimed_at as age,
  array(
    select other.gateway_message_id
    from public.auto_sync_messages as other
    where other.phone_number = m.phone_number and other.id <> m.id and other.gateway_message_id is not null
      and other.claimed_at > m.claimed_at - interval '10 minutes'
  ) || coalesce(m.expired_ids, '{}') as known_ids
from public.auto_sync_messages as m
where m.status = 'unknown' and m.send_after <= (select public.autosync_now())
order by m.claimed_at
limit %(limit)s
