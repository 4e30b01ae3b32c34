-- Pauses every sync of a throwaway database.
update public.auto_syncs set status = 'paused', paused_at = now()
