-- Those of these numbers that nobody is suppressing right now, share-locked until the transaction ends.
select n.phone_number
from unnest(%(phone_numbers)s::text[]) as n (phone_number)
where pg_try_advisory_xact_lock_shared(hashtextextended(n.phone_number, 0))
