-- Room where rows are written again and again, and a vacuum that comes in time.
--
-- A sync's row is updated by each of its reminders, pauses and answers to the question of its end: with free room on its
-- page the new version stays beside the old one, and none of its indexes is written (HOT). The queue and the outbox
-- change each of their rows a few times within days: waiting until a fifth of the table is dead, as the server does
-- by itself, would have claims wade through it.

-- Tables

alter table public.auto_syncs set (fillfactor = 80);
alter table public.job_queue set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
alter table public.auto_sync_messages set (
  autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05
);
