-- Locks the unknown texts to these numbers, always in one order, so that two look-ups settle one after the other;
-- idx_auto_sync_messages_phone_number, primary key. An offset keeps each look-up from reading all that
-- is unknown, and one that is not any more when its lock comes is locked for nothing. Others wait for these, so the
-- transaction may not be left alone for long.
select
  m.id,
  (select set_config('idle_in_transaction_session_timeout', %(left_alone)s, true)) as left_alone
from public.auto_sync_messages as m
where
  m.id = any(
    array(
      select t.id
      from unnest(%(phone_numbers)s::text[]) as w (phone_number)
      cross join
        lateral (
          select
            id,
            status
          from public.auto_sync_messages
          where phone_number = w.phone_number
          offset 0
        ) as t
      where t.status = 'unknown'
    )
  )
order by m.id
for no key update
