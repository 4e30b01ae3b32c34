-- Locks the syncs that these contacts were asked in until the transaction ends, in the order of their ids, waiting for whoever
-- has them; idx_auto_sync_messages_contact_id.
select s.id
from public.auto_syncs as s
where s.id in (select m.auto_sync_id from public.auto_sync_messages as m where m.contact_id = any(%(contact_ids)s::uuid[]))
order by s.id
for no key update
