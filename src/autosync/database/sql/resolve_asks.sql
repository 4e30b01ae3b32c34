-- Marks what these people were asked in these syncs as answered; idx_auto_sync_messages_auto_sync_id or idx_auto_sync_messages_contact_id.
update public.auto_sync_messages as m
set is_resolved = true
from unnest(%(sync_ids)s::uuid[], %(contact_ids)s::uuid[]) as a (sync_id, contact_id)
where m.auto_sync_id = a.sync_id and m.contact_id = a.contact_id and not m.is_resolved
  and m.message_type in ('initial', 'reminder', 'clarification')
