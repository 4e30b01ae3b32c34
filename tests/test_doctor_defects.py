"""Every defect that a review is to find: planted alone in a database that is well, found, and nothing else with it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from autosync.database.pool import Connection
from factories import Factory, MadeSync
from planting import QUEUED, Defect, assert_found_and_nothing_else, defect

SCHEMA_DEFECTS = [
    defect("an index was dropped", "drop index idx_job_queue_due",
           ("WARNING", "There is no index on job_queue (scheduled_at) where (status = 'pending'::text)")),
    defect("the guard against two pending jobs was dropped", "drop index idx_job_queue_one_pending",
           ("WRONG", "Nothing keeps job_queue (sync_id, job_type)")),
    defect("an index is invalid",
           "update pg_index set indisvalid = false where indexrelid = 'idx_job_queue_due'::regclass",
           ("WRONG", "The index idx_job_queue_due on job_queue is invalid")),
    defect("the queue's unique constraint was dropped",
           "alter table job_queue drop constraint job_queue_sync_id_job_type_scheduled_at_key",
           ("WRONG", "Nothing keeps job_queue (sync_id, job_type, scheduled_at)")),
    defect("one answer each was dropped",
           "alter table auto_sync_responses drop constraint auto_sync_responses_auto_sync_id_contact_id_key",
           ("WRONG", "Nothing keeps auto_sync_responses (auto_sync_id, contact_id)")),
    defect("a trigger is disabled", "alter table auto_syncs disable trigger on_auto_sync_created",
           ("WRONG", "The trigger on_auto_sync_created on auto_syncs is disabled")),
    defect("a trigger was dropped", "drop trigger on_auto_sync_status_changed on auto_syncs",
           ("WRONG", "The trigger on_auto_sync_status_changed on auto_syncs is missing")),
    defect("a trigger fires at another event",
           "drop trigger on_auto_sync_created on auto_syncs; create trigger on_auto_sync_created"
           " after update on auto_syncs for each row execute function schedule_first_reminder()",
           ("WRONG", "on_auto_sync_created on auto_syncs is not this release's")),
    defect("a column is missing", "alter table auto_sync_messages drop column gateway_message_id",
           ("WRONG", "The column auto_sync_messages.gateway_message_id is missing")),
    defect("a column has another type", "alter table job_queue alter processed_at type timestamp",
           ("WRONG", "The column job_queue.processed_at is of type timestamp without time zone")),
    defect("a default is wrong", "alter table job_queue alter status set default 'processed'",
           ("WRONG", "The column job_queue.status has the default 'processed'::text")),
    defect("a text to the organizer is refused for want of a contact",
           "delete from auto_sync_messages; alter table auto_sync_messages alter contact_id set not null",
           ("WRONG", "The column auto_sync_messages.contact_id refuses nulls")),
    defect("a check was widened",
           "alter table job_queue drop constraint job_queue_status_check, add constraint wider"
           " check (status in ('pending', 'processing', 'processed', 'skipped', 'failed', 'lost'))",
           ("WRONG", "The table job_queue lacks CHECK")),
    defect("a check was dropped", "alter table job_queue drop constraint job_queue_job_type_check",
           ("WRONG", "The table job_queue lacks CHECK ((job_type")),
    defect("a check was never validated",
           "alter table job_queue drop constraint job_queue_job_type_check, add constraint job_queue_job_type_check"
           " check (job_type in ('reminder_24h', 'pause_check_48h', 'auto_end_check')) not valid",
           ("WARNING", "The constraint job_queue_job_type_check on job_queue was never checked")),
    defect("jobs outlive their syncs",
           "alter table job_queue drop constraint job_queue_sync_id_fkey, add foreign key (sync_id)"
           " references auto_syncs (id)",
           ("WRONG", "job_queue.sync_id should reference auto_syncs, on delete cascade")),
    defect("a function was dropped", "drop function syncs_with_goal_met(uuid[])",
           ("WRONG", "The function public.syncs_with_goal_met(uuid[]) is missing"), cured=False),
    defect("a function was changed by hand",
           "create or replace function auto_sync_texts_are_due() returns boolean"
           " language sql stable set search_path = '' as 'select false'",
           ("WARNING", "The function public.auto_sync_texts_are_due() is not this release's"), cured=False),
    defect("a migration is not applied",
           "delete from supabase_migrations.schema_migrations where version = '20261101000500'",
           ("WRONG", "1 migration of this release has not been applied: 20261101000500_row_level_security. Later ones"),
           cured=False),
    defect("no migration is on record though the tables are there", "delete from supabase_migrations.schema_migrations",
           ("WRONG", "tables are there, but none of its migrations is on record"), cured=False),
    defect("a newer release has been here",
           "insert into supabase_migrations.schema_migrations values"
           " ('20991231000000', array['alter table job_queue add x int'], 'newer')",
           ("WARNING", "migrations that this release does not know: 20991231000000_newer"), cured=False),
    defect("an index covers other rows than it should",
           "drop index idx_job_queue_due; create index idx_job_queue_due on job_queue (scheduled_at)"
           " where status = 'skipped'",
           ("WARNING", "There is no index on job_queue (scheduled_at) where (status = 'pending'::text)")),
    defect("a crash would empty a table", "alter table job_failures set unlogged",
           ("WRONG", "The table job_failures is unlogged")),
    defect("a column of somebody else's demands a value", "alter table auto_sync_inbound add column cost int not null",
           ("WRONG", "The column auto_sync_inbound.cost is not this project's and demands a value")),
    defect("a check was added",
           "alter table job_queue add constraint daytime check (extract(hour from created_at) < 25)",
           ("WARNING", "The table job_queue has one more check than this release's, daytime"), cured=True),
    defect("a unique key was added that refuses reminders",
           "create unique index one_each on auto_sync_messages (auto_sync_id, contact_id)",
           ("WARNING", "one_each keeps auto_sync_messages (auto_sync_id, contact_id) from standing there twice")),
    defect("a unique constraint was added that refuses a second reminder",
           "alter table job_queue add constraint one_each unique (sync_id, job_type)",
           ("WARNING", "one_each keeps job_queue (sync_id, job_type) from standing there twice")),
    defect("a foreign key was added without an index",
           "alter table job_queue add column profile uuid references profiles (id)",
           ("WARNING", "There is no index on job_queue (profile), so whatever is deleted from profiles reads")),
    defect("a foreign key is not kept", "alter table job_failures disable trigger all",
           ("WRONG", "The foreign key from job_failures (job_id) to job_queue is not kept")),
    defect("a foreign key was never checked",
           "alter table job_failures drop constraint job_failures_job_id_fkey, add constraint job_failures_job_id_fkey"
           " foreign key (job_id) references job_queue (id) on delete cascade not valid",
           ("WARNING", "The foreign key from job_failures (job_id) to job_queue was never checked")),
    defect("a trigger lost its condition",
           "create or replace trigger on_auto_sync_created after insert on auto_syncs"
           " for each row execute function schedule_first_reminder()",
           ("WRONG", "on_auto_sync_created on auto_syncs is not this release's")),
    defect("a trigger calls another function",
           "drop trigger on_auto_sync_settings_written on auto_sync_settings; create trigger"
           " on_auto_sync_settings_written before insert or update on auto_sync_settings"
           " for each row execute function keep_clock_from_running_back()",
           ("WRONG", "on_auto_sync_settings_written on auto_sync_settings is not this release's")),
    defect("a trigger fires on replicas only",
           "alter table auto_syncs enable replica trigger on_auto_sync_status_changed",
           ("WRONG", "on_auto_sync_status_changed on auto_syncs is disabled")),
    defect("somebody's trigger fires on the queue",
           "create trigger before_us before insert on job_queue for each row execute function keep_settings_in_hours()",
           ("WARNING", "The trigger before_us on job_queue is not this project's")),
    defect("a function became volatile", "alter function autosync_now() volatile",
           ("WRONG", "The function public.autosync_now() is volatile instead of stable")),
    defect("a value is unknown to an enum",
           "alter table auto_syncs alter response_goal drop default; alter type auto_sync_response_goal rename to old;"
           " create type auto_sync_response_goal as enum ('everyone'); alter table auto_syncs alter response_goal"
           " type auto_sync_response_goal using response_goal::text::auto_sync_response_goal; alter table auto_syncs"
           " alter response_goal set default 'everyone'",
           ("WRONG", "The column auto_syncs.response_goal does not know the value critical_mass"), cured=False),
    defect("a view lost a column",
           "drop view auto_sync_invitees; create view auto_sync_invitees with (security_invoker = true) as"
           " select auto_sync_id from auto_sync_messages; revoke all on auto_sync_invitees from anon, authenticated",
           ("WRONG", "The view auto_sync_invitees lacks contact_id"), cured=False),
    defect("syncs have a state that nobody knows", "alter type auto_sync_status add value 'archived'",
           ("WARNING", "The column auto_syncs.status knows a value that this release does not: archived"), cured=False),
]  # fmt: skip

SECURITY_DEFECTS = [
    defect("row-level security is off", "alter table job_queue disable row level security",
           ("WRONG", "Row-level security is off on job_queue")),
    defect("a policy was opened to everybody",
           "alter policy auto_syncs_own on auto_syncs to public using (true) with check (true)",
           ("WRONG", "The policy auto_syncs_own on auto_syncs opens it (ALL) to anybody"), cured=False),
    defect("a policy lets everybody who is signed in read",
           "create policy nosy on contacts for select to authenticated using (auth.role() = 'authenticated')",
           ("WRONG", "The policy nosy on contacts opens it (SELECT) to everybody who is signed in")),
    defect("a policy was widened to public", "alter policy job_queue_select_own on job_queue to public",
           ("WARNING", "The policy job_queue_select_own on job_queue was changed: it is to public")),
    defect("a policy was dropped", "drop policy job_queue_select_own on job_queue",
           ("WRONG", "No policy lets people select their own rows of job_queue")),
    defect("the service is shut out", "drop policy job_queue_service on job_queue; alter role service_role nobypassrls",
           ("WRONG", "Row-level security shuts the service out of job_queue")),
    defect("anonymous callers may read the queue", "grant select on job_queue to anon",
           ("WRONG", "The role anon may SELECT on job_queue")),
    defect("people may write texts", "grant insert on auto_sync_messages to authenticated",
           ("WARNING", "The role authenticated may INSERT on auto_sync_messages")),
    defect("people may write texts and a policy lets them",
           "grant insert on auto_sync_messages to authenticated; create policy send on auto_sync_messages for insert"
           " to authenticated with check (contact_id = (select auth.uid()))",
           ("WARNING", "The policy send on auto_sync_messages stands beside this project's"),
           ("WRONG", "The role authenticated may INSERT on auto_sync_messages")),
    defect("people may empty the queue", "grant truncate on job_queue to authenticated",
           ("WRONG", "The role authenticated may TRUNCATE on job_queue")),
    defect("people cannot read their jobs", "revoke select on job_queue from authenticated",
           ("WRONG", "The role authenticated may not SELECT on job_queue")),
    defect("a definer's function does not pin its search_path", "alter function jobs_follow_status() reset search_path",
           ("WRONG", "The function public.jobs_follow_status() does not pin its search_path")),
    defect("a function's plans are anybody's", "alter function pause_check_follows_answers() reset enable_seqscan",
           ("WARNING", "The function public.pause_check_follows_answers() does not set enable_seqscan=off")),
    defect("a function is open to anonymous callers", "grant execute on function autosync_now() to anon",
           ("WRONG", "The function public.autosync_now() may be called by anon")),
    defect("a trigger's function runs with its caller's rights",
           "alter function schedule_first_reminder() security invoker",
           ("WRONG", "The function public.schedule_first_reminder() runs with its caller's rights")),
    defect("the view of invitees reads past row-level security",
           "alter view auto_sync_invitees set (security_invoker = false)",
           ("WRONG", "The view auto_sync_invitees reads with its owner's rights")),
    defect("the owner's triggers are shut out",
           "alter table job_queue owner to pg_monitor; alter table job_queue force row level security",
           ("WRONG", "Row-level security is forced upon the owner of job_queue, whom its policies shut out")),
    defect("a policy lets everybody who is signed in write",
           "create policy helpful on auto_syncs for update to authenticated using (true) with check (true)",
           ("WRONG", "The policy helpful on auto_syncs opens it (UPDATE) to everybody who is signed in")),
    defect("a policy only asks whether somebody is signed in",
           "create policy nosy on contacts for select to authenticated using ((select auth.uid()) is not null)",
           ("WRONG", "The policy nosy on contacts opens it (SELECT) to everybody who is signed in")),
    defect("a policy trusts the role in the token",
           "create policy nosy on contacts for select to public using ((auth.jwt() ->> 'role') = 'authenticated')",
           ("WRONG", "The policy nosy on contacts opens it (SELECT) to anybody")),
    defect("a policy has a way around its condition",
           "alter policy contacts_own on contacts using (user_id = (select auth.uid()) or true)",
           ("WRONG", "The policy contacts_own on contacts opens it (ALL)"), cured=False),
    defect("a policy lets people write what is not theirs",
           "alter policy crews_own on crews with check (name is not null)",
           ("WRONG", "The policy crews_own on crews opens it (ALL)"), cured=False),
    defect("a policy forgot whose crew it is",
           "alter policy auto_syncs_own on auto_syncs with check (organizer_id = (select auth.uid()))",
           ("WRONG", "The policy auto_syncs_own on auto_syncs was changed: it is with another condition")),
    defect("a policy hides people's own rows",
           "alter policy contacts_own on contacts using (phone_number is not null and user_id = (select auth.uid()))",
           ("WARNING", "The policy contacts_own on contacts was changed: it is with a stricter condition")),
    defect("a policy asks who is asking row by row",
           "alter policy crews_own on crews using (auth.uid() = creator_id) with check (auth.uid() = creator_id)",
           ("WARNING", "Policies on crews ask who is asking once for each row instead of once: crews_own")),
    defect("a policy is for every command",
           "drop policy google_calendar_tokens_select_own on google_calendar_tokens; create policy"
           " google_calendar_tokens_select_own on google_calendar_tokens for all to authenticated"
           " using (user_id = (select auth.uid()))",
           ("WRONG", "google_calendar_tokens_select_own on google_calendar_tokens was changed: it is for ALL instead")),
    defect("a policy of the service is for people",
           "alter policy auto_sync_suppressions_service on auto_sync_suppressions to authenticated",
           ("WRONG", "auto_sync_suppressions_service on auto_sync_suppressions opens it (ALL) to everybody"),
           cured=False),
    defect("a policy of people is for the service only",
           "alter policy job_queue_select_own on job_queue to service_role",
           ("WARNING", "The policy job_queue_select_own on job_queue was changed: it is to service_role"),
           ("WRONG", "No policy lets people select their own rows of job_queue")),
    defect("a policy became restrictive",
           "drop policy contacts_own on contacts; create policy contacts_own on contacts as restrictive for all"
           " to authenticated using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()))",
           ("WARNING", "The policy contacts_own on contacts was changed: it is restrictive"),
           ("WRONG", "No policy lets people select, insert, update and delete their own rows of contacts")),
    defect("a policy beside ours lets people change jobs",
           "create policy mine on job_queue for update to authenticated using (sync_id = (select auth.uid()))",
           ("WARNING", "The policy mine on job_queue stands beside this project's and lets people UPDATE")),
    defect("anonymous callers see past row-level security", "alter role anon bypassrls",
           ("WRONG", "The role anon sees past row-level security")),
    defect("people may become the service", "grant service_role to authenticated",
           ("WRONG", "The role authenticated is a member of service_role")),
    defect("people may change one column of jobs", "grant update (status) on job_queue to authenticated",
           ("WRONG", "The role authenticated may UPDATE (status) on job_queue")),
    defect("people may make triggers and references", "grant trigger, references on crews to authenticated",
           ("WARNING", "The role authenticated may REFERENCES and TRIGGER on crews")),
    defect("anybody may wake the processor", "grant execute on function process_auto_sync_jobs() to public",
           ("WRONG", "The function public.process_auto_sync_jobs() may be called by PUBLIC")),
    defect("people may delete old jobs", "grant execute on function cleanup_auto_sync_jobs() to authenticated",
           ("WRONG", "The function public.cleanup_auto_sync_jobs() may be called by authenticated")),
    defect("people may call a trigger's function", "grant execute on function jobs_follow_status() to authenticated",
           ("WRONG", "The function public.jobs_follow_status() may be called by authenticated")),
    defect("the service may not wake the processor",
           "revoke execute on function process_auto_sync_jobs() from service_role",
           ("WRONG", "The function public.process_auto_sync_jobs() may not be called by service_role")),
    defect("a trigger's function belongs to somebody whom the policies shut out",
           "alter function jobs_follow_status() owner to pg_monitor",
           ("WRONG", "jobs_follow_status() runs with the rights of an owner whom row-level security shuts out"),
           cured=False),
    defect("another definer's function does not pin its search_path",
           "create function how_many() returns bigint language sql security definer"
           " as 'select count(*) from public.contacts'",
           ("WARNING", "The function public.how_many() runs with its owner's rights and may be called by everybody")),
    defect("another table is open to the API", "create table diary (entry text)",
           ("WARNING", "Row-level security is off on diary, a table of somebody else's that the API serves to anon")),
    defect("a view gives our rows away", "create view everyone as select * from contacts",
           ("WRONG", "The view everyone shows anon and authenticated rows of contacts past row-level security")),
    defect("a view of a view gives our rows away",
           "create view inner_view with (security_invoker = true) as select * from contacts;"
           " create view outer_view as select * from inner_view",
           ("WRONG", "The view outer_view shows anon and authenticated rows of contacts past row-level security")),
    defect("a materialized view gives our rows away", "create materialized view kept as select * from profiles",
           ("WRONG", "The materialized view kept shows anon and authenticated rows of profiles")),
    defect("a view checks by itself who is asking",
           "create view my_contacts as select * from contacts where user_id = auth.uid()",
           ("WARNING", "rows of contacts past row-level security; it looks at who is asking by itself")),
]  # fmt: skip

LIVE_DEFECTS = [
    defect("demo timings are active",
           "update auto_sync_settings set active = false; update auto_sync_settings set active = true"
           " where profile = 'demo'",
           ("WRONG", "Demo timings are active"), cured=False),
    defect("no timings are active", "update auto_sync_settings set active = false",
           ("WARNING", "No timings are active"), cured=False),
    defect("production waits for other hours than people are told",
           "update auto_sync_settings set reminder_delay = '12 hours' where profile = 'production'",
           ("WARNING", "Production's timings are not the usual 24 and 48 hours: a reminder after 12 hours")),
    defect("a job is two days late",
           "update job_queue set scheduled_at = now() - interval '48 hours' where job_type = 'reminder_24h'",
           ("WRONG", "1 job is due, the oldest for 48 hours"), cured=False),
    defect("a job is two minutes late",
           "update job_queue set scheduled_at = now() - interval '121 seconds' where job_type = 'reminder_24h'",
           ("WARNING", "1 job is due, the oldest for 2 minutes"), cured=False),
    defect("a job has been due since the beginning of time",
           "update job_queue set scheduled_at = '-infinity' where job_type = 'reminder_24h'",
           ("WRONG", "1 job is due, the oldest for"), cured=False),
    defect("a row is stuck in processing",
           "update job_queue set status = 'processing', scheduled_at = now() - interval '40 minutes'"
           " where job_type = 'reminder_24h'",
           ("WRONG", "1 job is still in processing 30 minutes after"), cured=False),
    defect("a job failed",
           "update job_queue set status = 'failed', error_message = 'ValueError: no zone'"
           " where job_type = 'reminder_24h'",
           ("WRONG", "ValueError: no zone"), cured=False),
    defect("a job is being retried",
           "insert into job_failures select id, 1, now(), scheduled_at, 'TypeError: none' from job_queue"
           " where job_type = 'reminder_24h'",
           ("WARNING", "1 job raised and will be tried again"), cured=False),
    defect("a job has no status", "update job_queue set status = null where job_type = 'reminder_24h'",
           ("WRONG", "1 job has no status"), ("WRONG", "1 running sync has neither a reminder nor a pause check")),
    defect("a running sync has lost its pause check", "delete from job_queue where job_type <> 'auto_end_check'",
           ("WRONG", "1 running sync has neither a reminder nor a pause check ahead, such as {sync}")),
    defect("a sync would never end", "delete from job_queue where job_type = 'auto_end_check'",
           ("WRONG", "1 sync will not end when the options are over, such as {sync}")),
    defect("a sync's time zone does not exist", "update auto_syncs set timezone = 'Mars/Olympus'",
           ("WRONG", "time zone that does not exist, 'Mars/Olympus', such as {sync}")),
    defect("an organizer's time zone does not exist",
           "update auto_syncs set timezone = null; update profiles set preferred_timezone = 'it''s late'",
           ("WRONG", "time zone that does not exist, \"it's late\", such as {sync}")),
    defect("nobody knows yet whether a text left",
           QUEUED + "'unknown', null, 'Hi', now(), null, null, now() - interval '200 minutes')",
           ("WARNING", "Of 1 text nobody knows yet whether it left, the oldest for 3 hours"), cured=False),
    defect("nobody finds out whether a text left",
           QUEUED + "'unknown', null, 'Hi', null, null, null, now() - interval '25 hours')",
           ("WARNING", "and nobody looks it up any more, the oldest for 25 hours"), cured=False),
    defect("a text was claimed and forgotten",
           QUEUED + "'sending', null, 'Hi', now(), null, null, now() - interval '61 seconds')",
           ("WARNING", "1 text is marked as being sent"), cured=False),
    defect("a text failed today", QUEUED + "'failed', null, 'Hi', now(), 'No such number.', '30003', now())",
           ("WARNING", "1 text failed within the last 24 hours: 1 with error 30003 (No such number)."), cured=False),
    defect("a text is ten minutes late",
           QUEUED + "'queued', null, 'Hi', now() - interval '10 minutes', null, null, null)",
           ("WRONG", "1 text should have left, the oldest 10 minutes ago"), cured=False),
    defect("production's clock is moved",
           "alter table auto_sync_settings drop constraint auto_sync_settings_check2; update auto_sync_settings"
           " set clock_offset = '3 hours' where profile = 'production'",
           ("WRONG", "The table auto_sync_settings lacks CHECK"),
           ("WRONG", "The clock of the profile production is 3 hours ahead"), cured=False),
    defect("production pauses before it reminds",
           "alter table auto_sync_settings drop constraint auto_sync_settings_check; update auto_sync_settings"
           " set pause_delay = '12 hours' where profile = 'production'",
           ("WRONG", "The table auto_sync_settings lacks CHECK"),
           ("WRONG", "The production timings pause a sync before, or as, it is reminded"), cured=False),
    defect("a job is of a type that nobody knows",
           "alter table job_queue drop constraint job_queue_job_type_check; insert into job_queue"
           " (sync_id, job_type, scheduled_at) values ('{sync}', 'reminder_72h', now() + interval '72 hours')",
           ("WRONG", "The table job_queue lacks CHECK ((job_type"),
           ("WRONG", "1 pending job is of an unknown type"), cured=False),
    defect("jobs wait for a sync that has ended",
           "alter table auto_syncs disable trigger user; update auto_syncs set status = 'stopped', stopped_at = now();"
           " alter table auto_syncs enable trigger user",
           ("WARNING", "2 pending jobs belong to syncs that no longer run, such as"), cured=False),
    defect("a reminder waits for a paused sync",
           "alter table auto_syncs disable trigger user; update auto_syncs set status = 'paused';"
           " alter table auto_syncs enable trigger user",
           ("WARNING", "1 pending job belongs to a sync that no longer runs, such as"), cured=False),
    defect("a running sync has asked nobody",
           "delete from auto_sync_messages; update auto_syncs set started_at = now() - interval '1 hour'",
           ("WARNING", "1 running sync has asked nobody, such as {sync}"), cured=False),
    defect("the key of those who said stop is missing", "delete from auto_sync_number_key",
           ("WRONG", "The key of the suppressed numbers is missing: no text leaves"), cured=False),
    defect("the key of those who said stop is another one",
           "insert into auto_sync_suppressions values (autosync_number_hash('+12125550100'), '+12125550100', now(),"
           " 'inbound', 'STOP'); update auto_sync_number_key set inner_key = outer_key, outer_key = inner_key",
           ("WRONG", "The key of the suppressed numbers is not theirs: 1 number on the list"), cured=False),
    defect("a Google token lies open",
           "insert into google_calendar_tokens (user_id, access_token, refresh_token)"
           " select organizer_id, 'sealed:1:x:y', '1//open' from auto_syncs",
           ("WARNING", "1 organizer has Google tokens that lie open in the database"), cured=False),
    defect("people can say why their calendar was lost",
           "grant update (disconnected_because) on auto_sync_calendars to authenticated",
           ("WRONG", "may UPDATE (buffer, calendar_ids, day_begins, day_ends, disconnected_because)"),
           ("WRONG", "may not UPDATE (buffer, calendar_ids, day_begins, day_ends) on auto_sync_calendars")),
    defect("everybody's calendars are open",
           "drop policy auto_sync_calendars_select_own on auto_sync_calendars; create policy"
           " auto_sync_calendars_select_own on auto_sync_calendars for select to authenticated using (true)",
           ("WRONG", "The policy auto_sync_calendars_select_own on auto_sync_calendars opens it (SELECT)"),
           cured=False),
    defect("transactions of the service are read-only",
           "alter role service_role set default_transaction_read_only = on",
           ("WRONG", "Transactions of service_role are read-only unless told otherwise")),
    defect("statements of the service are cut short", "alter role service_role set statement_timeout = '2s'",
           ("WARNING", "The statement_timeout of service_role is 2 s, which can cut a batch short")),
    defect("transactions of the service are cut short",
           "alter role service_role set idle_in_transaction_session_timeout = 1500",
           ("WARNING", "The idle_in_transaction_session_timeout of service_role is 1.5 s")),
    defect("the queue is not swept", "alter table job_queue set (autovacuum_enabled = off)",
           ("WARNING", "Autovacuum leaves job_queue alone")),
    defect("a table is full of dead rows",
           "alter table auto_sync_send_rates set (autovacuum_enabled = false); insert into auto_sync_send_rates"
           " select n::text, now() from generate_series(1, 10500) as n; delete from auto_sync_send_rates;"
           " select pg_stat_force_next_flush()",
           ("WARNING", "Autovacuum leaves auto_sync_send_rates alone"),
           ("WARNING", "auto_sync_send_rates has 10,500 dead rows beside 0 live ones; swept last: never")),
]  # fmt: skip

DEFECTS = [*SCHEMA_DEFECTS, *SECURITY_DEFECTS, *LIVE_DEFECTS]

ROLES_AS_THEY_WERE = """
alter role service_role bypassrls; alter role service_role reset all;
alter role anon nobypassrls; revoke service_role from authenticated
"""


@pytest.fixture
async def live_sync(factory: Factory) -> MadeSync:
    """A running sync with invitees, options and one answer."""
    made = await factory.sync()
    await factory.answer(made, made.contacts[0], 1, 2)
    return made


@pytest.fixture
def roles(server_url: str) -> Iterator[None]:
    """Roles belong to the whole server, so they are put right after the test."""
    yield
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(ROLES_AS_THEY_WERE)


@pytest.mark.usefixtures("roles")
@pytest.mark.parametrize("planted", DEFECTS, ids=lambda planted: planted.id)
async def test_a_planted_defect_is_found_and_nothing_else(
    planted: Defect, connection: Connection, live_sync: MadeSync
) -> None:
    await assert_found_and_nothing_else(connection, planted, live_sync.id)
