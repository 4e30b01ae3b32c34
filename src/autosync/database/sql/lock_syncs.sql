-- Locks these syncs until the transaction ends, in the order of their ids, waiting for whoever has them; primary key.
select s.id
from public.auto_syncs as s
where s.id = any(%(sync_ids)s::uuid[])
order by s.id
for no key update
