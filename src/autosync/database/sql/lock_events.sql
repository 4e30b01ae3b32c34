-- Locks these events until the transaction ends, waiting for whoever has them; primary key. What is read afterwards
-- includes what those have written: that a calendar was connected, among other things.
select e.sync_id
from public.auto_sync_events as e
where e.sync_id = any(%(sync_ids)s::uuid[])
order by e.sync_id
for no key update
