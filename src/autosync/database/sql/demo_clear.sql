-- Empties the demo's own database, so that it can start over: all people, and with them all that is theirs.
truncate table auth.users, public.auto_sync_suppressions, public.auto_sync_inbound, public.auto_sync_sign_ins cascade
