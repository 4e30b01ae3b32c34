-- Who may do what. A production table that already has policies is somebody's care and is left as it stands; one
-- without any gets these, and row-level security is switched on.
--
-- anon: nothing. authenticated: their own rows. service_role: everything. Policies call auth.uid() in a sub-select,
-- so that it is evaluated once a statement, and filter on indexed columns only.

-- Policies on production's tables

do $$
begin
  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'profiles') then
    alter table public.profiles enable row level security;
    revoke all on public.profiles from anon, authenticated;
    grant select, insert, update on public.profiles to authenticated;
    create policy profiles_select_own on public.profiles
    for select to authenticated using (id = (select auth.uid()));
    create policy profiles_insert_own on public.profiles
    for insert to authenticated with check (id = (select auth.uid()));
    create policy profiles_update_own on public.profiles
    for update to authenticated using (id = (select auth.uid())) with check (id = (select auth.uid()));
    create policy profiles_service on public.profiles for all to service_role using (true) with check (true);
  end if;

  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'contacts') then
    alter table public.contacts enable row level security;
    revoke all on public.contacts from anon, authenticated;
    grant select, insert, update, delete on public.contacts to authenticated;
    create policy contacts_own on public.contacts for all to authenticated
    using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
    create policy contacts_service on public.contacts for all to service_role using (true) with check (true);
  end if;

  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'crews') then
    alter table public.crews enable row level security;
    revoke all on public.crews from anon, authenticated;
    grant select, insert, update, delete on public.crews to authenticated;
    create policy crews_own on public.crews for all to authenticated
    using (creator_id = (select auth.uid())) with check (creator_id = (select auth.uid()));
    create policy crews_service on public.crews for all to service_role using (true) with check (true);
  end if;

  -- A member is one's own contact in one's own crew.
  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'crew_members') then
    alter table public.crew_members enable row level security;
    revoke all on public.crew_members from anon, authenticated;
    grant select, insert, update, delete on public.crew_members to authenticated;
    create policy crew_members_own on public.crew_members for all to authenticated
    using (
      exists (select from public.crews as c where c.id = crew_id and c.creator_id = (select auth.uid()))
    )
    with check (
      exists (select from public.crews as c where c.id = crew_id and c.creator_id = (select auth.uid()))
      and exists (select from public.contacts as p where p.id = contact_id and p.user_id = (select auth.uid()))
    );
    create policy crew_members_service on public.crew_members
    for all to service_role using (true) with check (true);
  end if;

  -- A sync is started for oneself and, where it names a crew, with one's own.
  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'auto_syncs') then
    alter table public.auto_syncs enable row level security;
    revoke all on public.auto_syncs from anon, authenticated;
    grant select, insert, update, delete on public.auto_syncs to authenticated;
    create policy auto_syncs_own on public.auto_syncs for all to authenticated
    using (organizer_id = (select auth.uid()))
    with check (
      organizer_id = (select auth.uid())
      and (
        crew_id is null
        or exists (select from public.crews as c where c.id = crew_id and c.creator_id = (select auth.uid()))
      )
    );
    create policy auto_syncs_service on public.auto_syncs for all to service_role using (true) with check (true);
  end if;

  if not exists (
    select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'auto_sync_options'
  ) then
    alter table public.auto_sync_options enable row level security;
    revoke all on public.auto_sync_options from anon, authenticated;
    grant select, insert, update, delete on public.auto_sync_options to authenticated;
    create policy auto_sync_options_own on public.auto_sync_options for all to authenticated
    using (
      exists (select from public.auto_syncs as s where s.id = auto_sync_id and s.organizer_id = (select auth.uid()))
    )
    with check (
      exists (select from public.auto_syncs as s where s.id = auto_sync_id and s.organizer_id = (select auth.uid()))
    );
    create policy auto_sync_options_service on public.auto_sync_options
    for all to service_role using (true) with check (true);
  end if;

  -- An organizer reads answers and texts; only the service writes them.
  if not exists (
    select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'auto_sync_responses'
  ) then
    alter table public.auto_sync_responses enable row level security;
    revoke all on public.auto_sync_responses from anon, authenticated;
    grant select on public.auto_sync_responses to authenticated;
    create policy auto_sync_responses_select_own on public.auto_sync_responses for select to authenticated
    using (
      exists (select from public.auto_syncs as s where s.id = auto_sync_id and s.organizer_id = (select auth.uid()))
    );
    create policy auto_sync_responses_service on public.auto_sync_responses
    for all to service_role using (true) with check (true);
  end if;

  if not exists (
    select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'auto_sync_messages'
  ) then
    alter table public.auto_sync_messages enable row level security;
    revoke all on public.auto_sync_messages from anon, authenticated;
    grant select on public.auto_sync_messages to authenticated;
    create policy auto_sync_messages_select_own on public.auto_sync_messages for select to authenticated
    using (
      exists (select from public.auto_syncs as s where s.id = auto_sync_id and s.organizer_id = (select auth.uid()))
    );
    create policy auto_sync_messages_service on public.auto_sync_messages
    for all to service_role using (true) with check (true);
  end if;

  if not exists (
    select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'google_calendar_tokens'
  ) then
    alter table public.google_calendar_tokens enable row level security;
    revoke all on public.google_calendar_tokens from anon, authenticated;
    grant select, insert, update on public.google_calendar_tokens to authenticated;
    create policy google_calendar_tokens_select_own on public.google_calendar_tokens
    for select to authenticated using (user_id = (select auth.uid()));
    create policy google_calendar_tokens_insert_own on public.google_calendar_tokens
    for insert to authenticated with check (user_id = (select auth.uid()));
    create policy google_calendar_tokens_update_own on public.google_calendar_tokens
    for update to authenticated using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
    create policy google_calendar_tokens_service on public.google_calendar_tokens
    for all to service_role using (true) with check (true);
  end if;

  if not exists (select from pg_catalog.pg_policies where schemaname = 'public' and tablename = 'job_queue') then
    alter table public.job_queue enable row level security;
    revoke all on public.job_queue from anon, authenticated;
    grant select on public.job_queue to authenticated;
    create policy job_queue_select_own on public.job_queue for select to authenticated
    using (
      exists (select from public.auto_syncs as s where s.id = sync_id and s.organizer_id = (select auth.uid()))
    );
    create policy job_queue_service on public.job_queue for all to service_role using (true) with check (true);
  end if;
end
$$;

grant select, insert, update, delete on
public.profiles, public.contacts, public.crews, public.crew_members, public.auto_syncs, public.auto_sync_options,
public.auto_sync_responses, public.auto_sync_messages, public.google_calendar_tokens, public.job_queue
to service_role;

-- Policies on the project's own tables: the service's alone.

alter table public.auto_sync_settings enable row level security;
alter table public.auto_sync_suppressions enable row level security;
alter table public.auto_sync_number_key enable row level security;
alter table public.auto_sync_inbound enable row level security;
alter table public.auto_sync_send_rates enable row level security;
alter table public.job_failures enable row level security;

revoke all on
public.auto_sync_settings, public.auto_sync_suppressions, public.auto_sync_inbound, public.auto_sync_send_rates,
public.job_failures, public.auto_sync_invitees
from anon, authenticated;
revoke all on public.auto_sync_number_key from anon, authenticated, service_role;
grant select, insert, update, delete on
public.auto_sync_settings, public.auto_sync_suppressions, public.auto_sync_inbound, public.auto_sync_send_rates,
public.job_failures
to service_role;
grant select on public.auto_sync_invitees, public.auto_sync_number_key to service_role;

create policy auto_sync_settings_service on public.auto_sync_settings
for all to service_role using (true) with check (true);
create policy auto_sync_suppressions_service on public.auto_sync_suppressions
for all to service_role using (true) with check (true);
create policy auto_sync_number_key_service on public.auto_sync_number_key
for all to service_role using (true) with check (true);
create policy auto_sync_inbound_service on public.auto_sync_inbound
for all to service_role using (true) with check (true);
create policy auto_sync_send_rates_service on public.auto_sync_send_rates
for all to service_role using (true) with check (true);
create policy job_failures_service on public.job_failures
for all to service_role using (true) with check (true);

-- Functions: none is for the API roles; triggers need no privilege to fire.

revoke all on function
public.schedule_first_reminder(), public.jobs_follow_status(), public.jobs_follow_options(),
public.lock_sync_of_answer(), public.pause_check_follows_answers(), public.keep_settings_in_hours(),
public.keep_clock_from_running_back(),
public.forget_suppressed_numbers()
from public, anon, authenticated, service_role;

revoke all on function
public.autosync_now(), public.autosync_timings(), public.auto_sync_ends(uuid[]), public.syncs_with_goal_met(uuid[]),
public.autosync_number_hash(text)
from public, anon, authenticated;
grant execute on function
public.autosync_now(), public.autosync_timings(), public.auto_sync_ends(uuid[]), public.syncs_with_goal_met(uuid[]),
public.autosync_number_hash(text)
to service_role;
