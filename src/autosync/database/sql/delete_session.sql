-- Ends a session; primary key.
delete from public.auto_sync_sessions
where token_hash = %(token_hash)s
