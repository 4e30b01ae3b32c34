-- Those of these numbers that have opted out; primary key.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch.
with given as materialized (
  select
    n.phone_number,
    public.autosync_number_hash(n.phone_number) as number_hash
  from unnest(%(phone_numbers)s::text[]) as n (phone_number)
)

select g.phone_number
from given as g
inner join public.auto_sync_suppressions as s on s.number_hash = g.number_hash
where s.number_hash = any(array(select a.number_hash from given as a))
