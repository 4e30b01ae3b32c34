-- Waits until no dispatcher is claiming a text to this number, and keeps them out until the transaction ends.
select pg_advisory_xact_lock(hashtextextended(%(phone_number)s, 0))
