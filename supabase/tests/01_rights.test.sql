-- Who may do what, as the catalog says it. What comes of it when somebody tries is in 02_attacks.test.sql.
begin;
create extension if not exists pgtap;
select plan(142);

-- Roles

select isnt_member_of(r.other, r.role, format('%s is not a member of %s', r.role, r.other))
from (
  values ('anon', 'authenticated'), ('anon', 'service_role'), ('authenticated', 'service_role')
) as r (role, other);

select schema_privs_are('public', r.role, array['USAGE'], format('%s uses schema public and makes nothing in it', r.role))
from unnest(array['anon', 'authenticated', 'service_role']) as r (role);

-- Every table

create temporary view ours as
select
  c.oid,
  c.relname,
  c.relkind,
  c.relrowsecurity
from pg_class as c
where c.relnamespace = 'public'::regnamespace
  and not exists (
    select from pg_depend as d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  );

select is_empty(
  $$ select relname from ours where relkind in ('r', 'p') and not relrowsecurity $$,
  'every table has row-level security'
);
select is_empty(
  $$ select relname from ours where relkind in ('r', 'p') and oid not in (select polrelid from pg_policy) $$,
  'every table has a policy'
);
select is_empty(
  $$ select tablename, policyname from pg_policies
    where schemaname = 'public' and roles && array['public', 'anon']::name[] $$,
  'no policy is for everybody, or for anon'
);
select is_empty(
  $$ select tablename, cmd, role from pg_policies, unnest(roles) as r (role)
    where schemaname = 'public' and permissive = 'PERMISSIVE' group by 1, 2, 3 having count(*) > 1 $$,
  'no two policies are for the same role and command'
);
select is_empty(
  $$ select relname from ours where relkind in ('m', 'f') $$,
  'there are no materialized views and no foreign tables, which know no policies'
);
select is_empty(
  $$ select relname, privilege from ours,
      unnest('{select,insert,update,delete,truncate,references,trigger}'::text[]) as p (privilege)
    where relkind in ('r', 'p', 'v') and has_table_privilege('anon', oid, privilege) $$,
  'anon may do nothing to any table or view'
);
select is_empty(
  $$ select relname from ours where relkind in ('r', 'p', 'v')
      and has_table_privilege('authenticated', oid, 'truncate, references, trigger') $$,
  'authenticated has no privilege that policies do not check'
);
select set_eq(
  $$ select relname from ours
    where relkind in ('r', 'p', 'v') and has_any_column_privilege('authenticated', oid, 'select, insert, update') $$,
  array[
    'profiles', 'contacts', 'crews', 'crew_members', 'auto_syncs', 'auto_sync_options', 'auto_sync_responses',
    'auto_sync_messages', 'google_calendar_tokens', 'auto_sync_calendars', 'auto_sync_events',
    'job_queue'
  ],
  'authenticated reaches the tables in which people have rows, and no other'
);
select is_empty(
  $$ select c.relname from ours as c, pg_class as k
    where c.oid = k.oid and k.relkind = 'v' and not coalesce('security_invoker=true' = any(k.reloptions), false) $$,
  'no view bypasses policies'
);
select is_empty(
  $$ select relname from ours where case when relkind = 'S' then has_sequence_privilege('anon', oid, 'usage, select, update')
      or has_sequence_privilege('authenticated', oid, 'usage, select, update') end $$,
  'no sequence is for people'
);

-- The tables in which people have rows

create temporary table peoples (name text, privileges text[]);
insert into peoples (name, privileges) values
('profiles', '{SELECT,INSERT,UPDATE}'),
('contacts', '{SELECT,INSERT,UPDATE,DELETE}'),
('crews', '{SELECT,INSERT,UPDATE,DELETE}'),
('crew_members', '{SELECT,INSERT,UPDATE,DELETE}'),
('auto_syncs', '{SELECT,INSERT,UPDATE,DELETE}'),
('auto_sync_options', '{SELECT,INSERT,UPDATE,DELETE}'),
('auto_sync_responses', '{SELECT}'),
('auto_sync_messages', '{SELECT}'),
('google_calendar_tokens', '{SELECT,INSERT,UPDATE}'),
('auto_sync_calendars', '{SELECT}'),
('auto_sync_events', '{SELECT}'),
('job_queue', '{SELECT}');

select table_privs_are('public', p.name, 'authenticated', p.privileges, format('what authenticated may do to %s', p.name))
from peoples as p;

select table_privs_are('public', p.name, 'anon', '{}', format('anon may do nothing to %s', p.name))
from peoples as p;

select
  ok(
    has_table_privilege('service_role', 'public.' || p.name, 'select')
    and has_table_privilege('service_role', 'public.' || p.name, 'insert')
    and has_table_privilege('service_role', 'public.' || p.name, 'update')
    and has_table_privilege('service_role', 'public.' || p.name, 'delete'),
    format('service_role may do everything to the rows of %s', p.name)
  )
from peoples as p;

select
  column_privs_are(
    'public', 'auto_sync_calendars', c.name, 'authenticated', array['SELECT'], format('only the service sets %s', c.name)
  )
from unnest(array['disconnected_at', 'disconnected_because']) as c (name);

-- The tables that are the service's alone

select table_privs_are('public', t.name, r.role, '{}', format('%s may do nothing to %s', r.role, t.name))
from unnest(array['anon', 'authenticated']) as r (role)
cross join
  unnest(array[
    'job_failures', 'job_batches', 'auto_sync_missing_reminders', 'auto_sync_settings', 'auto_sync_suppressions', 'auto_sync_number_key',
    'auto_sync_inbound',
    'auto_sync_send_rates', 'auto_sync_invitees'
  ]) as t (name);

select policies_are('public', t.name, array[t.name || '_service'], format('%s has one policy, the service''s', t.name))
from
  unnest(array[
    'job_failures', 'job_batches', 'auto_sync_missing_reminders', 'auto_sync_settings', 'auto_sync_suppressions', 'auto_sync_number_key',
    'auto_sync_inbound',
    'auto_sync_send_rates'
  ]) as t (name);

-- Policies

create temporary table policies (table_name text, name text, command text, role text);
insert into policies (table_name, name, command, role) values
('profiles', 'profiles_select_own', 'SELECT', 'authenticated'),
('profiles', 'profiles_insert_own', 'INSERT', 'authenticated'),
('profiles', 'profiles_update_own', 'UPDATE', 'authenticated'),
('profiles', 'profiles_service', 'ALL', 'service_role'),
('contacts', 'contacts_own', 'ALL', 'authenticated'),
('contacts', 'contacts_service', 'ALL', 'service_role'),
('crews', 'crews_own', 'ALL', 'authenticated'),
('crews', 'crews_service', 'ALL', 'service_role'),
('crew_members', 'crew_members_own', 'ALL', 'authenticated'),
('crew_members', 'crew_members_service', 'ALL', 'service_role'),
('auto_syncs', 'auto_syncs_own', 'ALL', 'authenticated'),
('auto_syncs', 'auto_syncs_service', 'ALL', 'service_role'),
('auto_sync_options', 'auto_sync_options_own', 'ALL', 'authenticated'),
('auto_sync_options', 'auto_sync_options_service', 'ALL', 'service_role'),
('auto_sync_responses', 'auto_sync_responses_select_own', 'SELECT', 'authenticated'),
('auto_sync_responses', 'auto_sync_responses_service', 'ALL', 'service_role'),
('auto_sync_messages', 'auto_sync_messages_select_own', 'SELECT', 'authenticated'),
('auto_sync_messages', 'auto_sync_messages_service', 'ALL', 'service_role'),
('google_calendar_tokens', 'google_calendar_tokens_select_own', 'SELECT', 'authenticated'),
('google_calendar_tokens', 'google_calendar_tokens_insert_own', 'INSERT', 'authenticated'),
('google_calendar_tokens', 'google_calendar_tokens_update_own', 'UPDATE', 'authenticated'),
('google_calendar_tokens', 'google_calendar_tokens_service', 'ALL', 'service_role'),
('auto_sync_calendars', 'auto_sync_calendars_select_own', 'SELECT', 'authenticated'),
('auto_sync_calendars', 'auto_sync_calendars_insert_own', 'INSERT', 'authenticated'),
('auto_sync_calendars', 'auto_sync_calendars_update_own', 'UPDATE', 'authenticated'),
('auto_sync_calendars', 'auto_sync_calendars_service', 'ALL', 'service_role'),
('auto_sync_events', 'auto_sync_events_select_own', 'SELECT', 'authenticated'),
('auto_sync_events', 'auto_sync_events_service', 'ALL', 'service_role'),
('job_queue', 'job_queue_select_own', 'SELECT', 'authenticated'),
('job_queue', 'job_queue_service', 'ALL', 'service_role');

select policies_are('public', p.table_name, array_agg(p.name), format('the policies of %s', p.table_name))
from policies as p
group by p.table_name;

select policy_roles_are('public', p.table_name, p.name, array[p.role], format('%s is for %s', p.name, p.role))
from policies as p
where p.role = 'authenticated';

select policy_cmd_is('public', p.table_name, p.name, p.command, format('%s is for %s', p.name, p.command))
from policies as p
where p.role = 'authenticated';

-- Functions

create temporary view our_functions as
select
  p.oid,
  p.prosecdef,
  p.proconfig
from pg_proc as p
where p.pronamespace = 'public'::regnamespace
  and not exists (
    select from pg_depend as d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  );

select
  is_empty(
    format('select oid::regprocedure from our_functions where has_function_privilege(%L, oid, ''execute'')', r.role),
    format('%s may call no function', r.role)
  )
from unnest(array['anon', 'authenticated']) as r (role);
select is_empty(
  $$ select oid::regprocedure from our_functions
    where prosecdef and has_function_privilege('service_role', oid, 'execute') $$,
  'service_role may call no function that runs with its owner''s rights'
);
select is_empty(
  $$ select oid::regprocedure from our_functions where not coalesce('search_path=""' = any(proconfig), false) $$,
  'every function pins its search_path'
);
select isnt_empty('select from our_functions where prosecdef', 'there are functions to look at');

select is_definer('public', f.name, array[]::text[], format('%s writes jobs for those who may not', f.name))
from
  unnest(array[
    'schedule_first_reminder', 'jobs_follow_status', 'jobs_follow_options', 'pause_check_follows_answers',
    'lock_sync_of_answer', 'forget_suppressed_numbers'
  ]) as f (name);

select function_privs_are('public', 'autosync_now', array[]::text[], r.role, r.privileges, 'the clock, for ' || r.role)
from (
  values ('anon', '{}'::text[]), ('authenticated', '{}'), ('service_role', '{EXECUTE}')
) as r (role, privileges);

select * from finish();
rollback;
