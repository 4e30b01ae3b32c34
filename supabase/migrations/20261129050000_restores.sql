-- A database that was put back from a back-up does not know which of its queued texts left after the back-up was taken.

-- When it was put in doubt because the database had been put back: it may have left under another id, with another link.
alter table public.auto_sync_messages add column doubted_at timestamptz;
