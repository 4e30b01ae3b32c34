-- Whether a help text to one of these organizers was queued within the last ten minutes;
-- idx_auto_syncs_organizer_status, idx_auto_sync_messages_once.
select exists(
  select from public.auto_syncs as s
  inner join public.auto_sync_messages as m on m.auto_sync_id = s.id
  where s.organizer_id = any(%(organizer_ids)s::uuid[])
    and m.contact_id is null and m.message_type = 'help' and m.cause_id is not null
    and m.created_at > public.autosync_now() - interval '10 minutes'
)
