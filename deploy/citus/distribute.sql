-- Spreads a migrated database over the nodes of a Citus cluster, by the sync that each row belongs to. Run it once, as
-- the owner of the tables, while no worker runs; docs/scaling.md says what has been tried of it and what has not.
--
--     psql --single-transaction -v ON_ERROR_STOP=1 -f deploy/citus/distribute.sql "$DATABASE_URL"

-- Triggers touch rows of their own sync and everybody's tables, nothing else.
set citus.enable_unsafe_triggers to on;

-- A key of a distributed table contains the sync's id. Ids stay unique without it: they are random, or of version 7.
alter table public.job_failures drop constraint job_failures_job_id_fkey;
alter table public.auto_sync_inbound drop constraint auto_sync_inbound_auto_sync_id_fkey;

alter table public.job_queue drop constraint job_queue_pkey, add primary key (sync_id, id);
alter table public.auto_sync_options drop constraint auto_sync_options_pkey, add primary key (auto_sync_id, id);
alter table public.auto_sync_responses drop constraint auto_sync_responses_pkey, add primary key (auto_sync_id, id);
alter table public.auto_sync_messages drop constraint auto_sync_messages_pkey, add primary key (auto_sync_id, id);

-- What belongs to everybody is on every node: people, their calendars, numbers that said stop, timings and the clock.
select create_reference_table('auth.users');
select create_reference_table('public.profiles');
select create_reference_table('public.contacts');
select create_reference_table('public.crews');
select create_reference_table('public.crew_members');
select create_reference_table('public.google_calendar_tokens');
select create_reference_table('public.auto_sync_calendars');
select create_reference_table('public.auto_sync_settings');
select create_reference_table('public.auto_sync_number_key');
select create_reference_table('public.auto_sync_suppressions');

-- What hangs on a sync is on the node of its sync.
select create_distributed_table('public.auto_syncs', 'id');
select create_distributed_table('public.auto_sync_options', 'auto_sync_id', colocate_with => 'public.auto_syncs');
select create_distributed_table('public.auto_sync_responses', 'auto_sync_id', colocate_with => 'public.auto_syncs');
select create_distributed_table('public.auto_sync_messages', 'auto_sync_id', colocate_with => 'public.auto_syncs');
select create_distributed_table('public.job_queue', 'sync_id', colocate_with => 'public.auto_syncs');
select create_distributed_table('public.auto_sync_events', 'sync_id', colocate_with => 'public.auto_syncs');
select create_distributed_table(
  'public.auto_sync_missing_reminders', 'sync_id', colocate_with => 'public.auto_syncs'
);

-- The rest stays on the coordinator: attempts that failed, who did which batch, texts that came in, send rates,
-- sign-ins, workers.
-- Deleting a sync leaves its failed attempts, and the name of the sync on what came in.
