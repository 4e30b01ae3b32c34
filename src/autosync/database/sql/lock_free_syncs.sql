-- Locks those of these syncs that nobody else has, until the transaction ends: each with its state; primary key.
select
  s.id,
  s.status::text as status
from public.auto_syncs as s
where s.id = any(%(sync_ids)s::uuid[])
order by s.id
for no key update skip locked
