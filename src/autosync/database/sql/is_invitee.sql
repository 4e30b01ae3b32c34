-- Whether this contact was asked in this sync; idx_auto_sync_messages_auto_sync_id.
select exists(
  select from public.auto_sync_invitees as i
  where i.auto_sync_id = %(sync_id)s and i.contact_id = %(contact_id)s
)
