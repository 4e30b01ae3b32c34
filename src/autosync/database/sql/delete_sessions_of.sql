-- Ends all sessions of an organizer; idx_auto_sync_sessions_organizer_id.
delete from public.auto_sync_sessions
where organizer_id = %(organizer_id)s
