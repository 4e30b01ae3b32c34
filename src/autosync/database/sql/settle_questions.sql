-- Marks the questions of these types of a sync to its organizer as settled; idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages
set is_resolved = true
where auto_sync_id = %(sync_id)s and contact_id is null and not is_resolved
  and message_type = any(%(types)s::text[])
