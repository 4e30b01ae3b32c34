-- Marks what somebody was asked in a sync as answered; idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages
set is_resolved = true
where auto_sync_id = %(sync_id)s and contact_id = %(contact_id)s and not is_resolved
  and message_type in ('initial', 'reminder', 'clarification')
