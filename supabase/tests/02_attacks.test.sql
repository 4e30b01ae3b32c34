-- What a person may try against another one, through what PostgREST opens for a request: role and claims.
-- Eve attacks, Ben is attacked. 42501 is the refusal of a privilege or of a policy.
begin;
create extension if not exists pgtap;
select plan(104);

-- Eve's ids end in e, Ben's in b: a profile 1, contact 2, crew 3, sync 4, option 5.

insert into auth.users (id) values
('10000000-0000-4000-8000-00000000000e'), ('10000000-0000-4000-8000-00000000000b');
insert into public.profiles (id, first_name, phone_number) values
('10000000-0000-4000-8000-00000000000e', 'Eve', '+12125550101'),
('10000000-0000-4000-8000-00000000000b', 'Ben', '+12125550102');
insert into public.contacts (id, user_id, first_name, phone_number) values
('20000000-0000-4000-8000-00000000000e', '10000000-0000-4000-8000-00000000000e', 'Fay', '+12125550103'),
('20000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000b', 'Gus', '+12125550104');
insert into public.crews (id, creator_id, name) values
('30000000-0000-4000-8000-00000000000e', '10000000-0000-4000-8000-00000000000e', 'Eve and all'),
('30000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000b', 'Ben and all');
insert into public.crew_members (crew_id, contact_id) values
('30000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000e'),
('30000000-0000-4000-8000-00000000000b', '20000000-0000-4000-8000-00000000000b');
insert into public.auto_syncs (id, organizer_id, crew_id, event_name) values
(
  '40000000-0000-4000-8000-00000000000e', '10000000-0000-4000-8000-00000000000e',
  '30000000-0000-4000-8000-00000000000e', 'Tea'
),
(
  '40000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000b',
  '30000000-0000-4000-8000-00000000000b', 'A surprise for Eve'
);
insert into public.auto_sync_options (id, auto_sync_id, idx, start_time) values
('50000000-0000-4000-8000-00000000000e', '40000000-0000-4000-8000-00000000000e', 1, now() + interval '500 hours'),
('50000000-0000-4000-8000-00000000000b', '40000000-0000-4000-8000-00000000000b', 1, now() + interval '500 hours');
insert into public.auto_sync_messages (auto_sync_id, contact_id, message_type) values
('40000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000e', 'initial'),
('40000000-0000-4000-8000-00000000000b', '20000000-0000-4000-8000-00000000000b', 'initial');
insert into public.auto_sync_responses (auto_sync_id, contact_id, response_type) values
('40000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000e', 'not_available'),
('40000000-0000-4000-8000-00000000000b', '20000000-0000-4000-8000-00000000000b', 'not_available');
insert into public.google_calendar_tokens (user_id, access_token) values
('10000000-0000-4000-8000-00000000000e', 'of Eve'), ('10000000-0000-4000-8000-00000000000b', 'of Ben');
insert into public.auto_sync_calendars (user_id, calendar_ids) values
('10000000-0000-4000-8000-00000000000e', '{eve}'), ('10000000-0000-4000-8000-00000000000b', '{ben}');

create temporary table peoples (name text, key text);
insert into peoples (name, key) values
('profiles', 'id'), ('contacts', 'user_id'), ('crews', 'creator_id'), ('crew_members', 'crew_id'),
('auto_syncs', 'organizer_id'), ('auto_sync_options', 'auto_sync_id'), ('auto_sync_responses', 'auto_sync_id'),
('auto_sync_messages', 'auto_sync_id'), ('google_calendar_tokens', 'user_id'), ('auto_sync_calendars', 'user_id'),
('job_queue', 'sync_id');
grant select on peoples to anon, authenticated;

-- anon

set local role anon;
set local "request.jwt.claims" = '{"role": "anon", "sub": "10000000-0000-4000-8000-00000000000b"}';

select throws_ok(format('select from public.%I', t.name), '42501', null, format('anon does not read %s', t.name))
from peoples as t;
select throws_ok(
  $$ insert into public.auto_syncs (organizer_id, event_name)
    values ('10000000-0000-4000-8000-00000000000b', 'Tea') $$,
  '42501', null, 'anon starts no sync, whatever the claims'
);
select throws_ok('select public.autosync_now()', '42501', null, 'anon calls no function');

-- Claims of nobody

set local role authenticated;
set local "request.jwt.claims" = '';
select is_empty(format('select from public.%I', t.name), format('without claims there is nothing in %s', t.name))
from peoples as t;

set local "request.jwt.claims" = '{"role": "service_role"}';
select is_empty('select from public.auto_syncs', 'a role in the claims is no role');

set local "request.jwt.claims"
= '{"sub": "10000000-0000-4000-8000-000000000000", "role": "service_role", "app_metadata": {"role": "admin"}}';
select is_empty('select from public.auto_syncs', 'a stranger who claims to be the service sees nothing');

set local "request.jwt.claims" = '{"sub": "40000000-0000-4000-8000-00000000000b'' or true --"}';
select throws_ok('select from public.auto_syncs', '22P02', null, 'claims that are no id are refused');

set local "request.jwt.claims" = '{"sub": null}';
select is_empty('select from public.auto_syncs', 'a person who is null sees nothing');

-- Eve reads

set local "request.jwt.claims" = '{"role": "authenticated", "sub": "10000000-0000-4000-8000-00000000000e"}';

select isnt_empty(format('select from public.%I', t.name), format('Eve reads her own rows of %s', t.name))
from peoples as t;
select
  is_empty(
    format('select from public.%I as t where t.%I::text like ''%%b''', t.name, t.key),
    format('Eve does not see Ben''s rows of %s', t.name)
  )
from peoples as t;
select results_eq(
  $$ select s.event_name, p.first_name, o.idx, c.first_name, m.message_type
    from public.auto_syncs as s
    left join public.profiles as p on p.id = s.organizer_id
    left join public.auto_sync_options as o on o.auto_sync_id = s.id
    left join public.auto_sync_messages as m on m.auto_sync_id = s.id
    left join public.contacts as c on c.id = m.contact_id
    where s.event_name like '%e%' $$,
  $$ values ('Tea'::text, 'Eve'::text, 1, 'Fay'::text, 'initial'::text) $$,
  'embedding other tables shows no more'
);
select
  throws_ok(
    'select from public.' || t.name, '42501', null, format('Eve does not read %s, nor anybody''s rows of it', t.name)
  )
from
  unnest(array[
    'auto_sync_settings', 'auto_sync_suppressions', 'auto_sync_number_key', 'auto_sync_inbound',
    'auto_sync_send_rates', 'job_failures', 'job_batches', 'auto_sync_missing_reminders', 'auto_sync_invitees'
  ]) as t (name);

-- Eve writes for somebody else, or under what is somebody else's. A row that exists is refused as one that does not.

select throws_ok(a.statement, '42501', a.refusal, a.name)
from (
  values
  (
    'a profile for Ben',
    $$ insert into public.profiles (id) values ('10000000-0000-4000-8000-00000000000b') $$,
    'new row violates row-level security policy for table "profiles"'
  ),
  (
    'a contact for Ben',
    $$ insert into public.contacts (user_id) values ('10000000-0000-4000-8000-00000000000b') $$,
    'new row violates row-level security policy for table "contacts"'
  ),
  (
    'a crew for Ben',
    $$ insert into public.crews (creator_id, name) values ('10000000-0000-4000-8000-00000000000b', 'x') $$,
    'new row violates row-level security policy for table "crews"'
  ),
  (
    'Ben''s contact in a crew of hers',
    $$ insert into public.crew_members (crew_id, contact_id)
      values ('30000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000b') $$,
    'new row violates row-level security policy for table "crew_members"'
  ),
  (
    'nobody''s contact in a crew of hers',
    $$ insert into public.crew_members (crew_id, contact_id)
      values ('30000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-000000000000') $$,
    'new row violates row-level security policy for table "crew_members"'
  ),
  (
    'a contact of hers in Ben''s crew',
    $$ insert into public.crew_members (crew_id, contact_id)
      values ('30000000-0000-4000-8000-00000000000b', '20000000-0000-4000-8000-00000000000e') $$,
    'new row violates row-level security policy for table "crew_members"'
  ),
  (
    'a sync that Ben organizes',
    $$ insert into public.auto_syncs (organizer_id, event_name)
      values ('10000000-0000-4000-8000-00000000000b', 'Tea') $$,
    'new row violates row-level security policy for table "auto_syncs"'
  ),
  (
    'a sync with Ben''s crew',
    $$ insert into public.auto_syncs (organizer_id, crew_id, event_name)
      values ('10000000-0000-4000-8000-00000000000e', '30000000-0000-4000-8000-00000000000b', 'Tea') $$,
    'new row violates row-level security policy for table "auto_syncs"'
  ),
  (
    'a sync with nobody''s crew',
    $$ insert into public.auto_syncs (organizer_id, crew_id, event_name)
      values ('10000000-0000-4000-8000-00000000000e', '30000000-0000-4000-8000-000000000000', 'Tea') $$,
    'new row violates row-level security policy for table "auto_syncs"'
  ),
  (
    'an option of Ben''s sync',
    $$ insert into public.auto_sync_options (auto_sync_id, idx, start_time)
      values ('40000000-0000-4000-8000-00000000000b', 2, now()) $$,
    'new row violates row-level security policy for table "auto_sync_options"'
  ),
  (
    'an option of Ben''s sync under a number that is taken',
    $$ insert into public.auto_sync_options (auto_sync_id, idx, start_time)
      values ('40000000-0000-4000-8000-00000000000b', 1, now()) $$,
    'new row violates row-level security policy for table "auto_sync_options"'
  ),
  (
    'an option of nobody''s sync',
    $$ insert into public.auto_sync_options (auto_sync_id, idx, start_time)
      values ('40000000-0000-4000-8000-000000000000', 2, now()) $$,
    'new row violates row-level security policy for table "auto_sync_options"'
  ),
  (
    'an answer to Ben''s sync',
    $$ insert into public.auto_sync_responses (auto_sync_id, contact_id, response_type)
      values ('40000000-0000-4000-8000-00000000000b', '20000000-0000-4000-8000-00000000000b', 'available') $$,
    'permission denied for table auto_sync_responses'
  ),
  (
    'an answer to her own sync',
    $$ insert into public.auto_sync_responses (auto_sync_id, contact_id, response_type)
      values ('40000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000e', 'available') $$,
    'permission denied for table auto_sync_responses'
  ),
  (
    'a text',
    $$ insert into public.auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, send_after, sent_at)
      values ('40000000-0000-4000-8000-00000000000e', '20000000-0000-4000-8000-00000000000b', 'initial', 'queued',
        'Buy now', now(), null) $$,
    'permission denied for table auto_sync_messages'
  ),
  (
    'a token for Ben',
    $$ insert into public.google_calendar_tokens (user_id, access_token)
      values ('10000000-0000-4000-8000-00000000000b', 'of Eve') $$,
    'new row violates row-level security policy for table "google_calendar_tokens"'
  ),
  (
    'a calendar for Ben',
    $$ insert into public.auto_sync_calendars (user_id) values ('10000000-0000-4000-8000-00000000000b') $$,
    'new row violates row-level security policy for table "auto_sync_calendars"'
  ),
  (
    'that her calendar was lost',
    $$ update public.auto_sync_calendars set disconnected_at = now(), disconnected_because = 'x' $$,
    'permission denied for table auto_sync_calendars'
  ),
  (
    'a job',
    $$ insert into public.job_queue (sync_id, job_type, scheduled_at)
      values ('40000000-0000-4000-8000-00000000000e', 'pause_check_48h', now()) $$,
    'permission denied for table job_queue'
  ),
  (
    'a suppressed number',
    $$ insert into public.auto_sync_suppressions (number_hash, suppressed_at, source, reason)
      values ('x', now(), 'operator', 'x') $$,
    'permission denied for table auto_sync_suppressions'
  ),
  (
    'other timings', 'update public.auto_sync_settings set reminder_delay = ''1 minute''',
    'permission denied for table auto_sync_settings'
  ),
  (
    'Ben''s sync, by an upsert',
    $$ insert into public.auto_syncs (id, organizer_id, event_name)
      values ('40000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000e', 'Mine')
      on conflict (id) do update set event_name = 'Mine' returning * $$,
    'new row violates row-level security policy (USING expression) for table "auto_syncs"'
  )
) as a (name, statement, refusal);

select is_empty(
  $$ insert into public.auto_syncs (id, organizer_id, event_name)
    values ('40000000-0000-4000-8000-00000000000b', '10000000-0000-4000-8000-00000000000e', 'Mine')
    on conflict do nothing returning * $$,
  'Ben''s sync is not returned to whom it is in the way'
);

-- Eve moves what is hers to somebody else

select
  throws_ok(
    format('update public.%I set %I = %L', m.table_name, m.column_name, m.moved_to), '42501', null,
    format('no %s of hers gets %s of Ben''s', m.table_name, m.column_name)
  )
from (
  values
  ('profiles', 'id', '10000000-0000-4000-8000-00000000000b'),
  ('contacts', 'user_id', '10000000-0000-4000-8000-00000000000b'),
  ('crews', 'creator_id', '10000000-0000-4000-8000-00000000000b'),
  ('crew_members', 'crew_id', '30000000-0000-4000-8000-00000000000b'),
  ('crew_members', 'contact_id', '20000000-0000-4000-8000-00000000000b'),
  ('auto_syncs', 'organizer_id', '10000000-0000-4000-8000-00000000000b'),
  ('auto_syncs', 'crew_id', '30000000-0000-4000-8000-00000000000b'),
  ('auto_sync_options', 'auto_sync_id', '40000000-0000-4000-8000-00000000000b'),
  ('google_calendar_tokens', 'user_id', '10000000-0000-4000-8000-00000000000b'),
  ('auto_sync_calendars', 'user_id', '10000000-0000-4000-8000-00000000000b')
) as m (table_name, column_name, moved_to);

-- Eve changes and deletes whatever she reaches

select lives_ok(s.statement, s.statement)
from unnest(array[
    'update public.profiles set first_name = ''Eve was here''',
    'update public.auto_syncs set event_name = ''Eve was here'', status = ''stopped''',
    'update public.auto_sync_options set start_time = now()',
    'update public.google_calendar_tokens set access_token = ''Eve was here''',
    'update public.auto_sync_calendars set calendar_ids = ''{Eve-was-here}''',
    'delete from public.crew_members',
    'delete from public.auto_sync_options',
    'delete from public.auto_syncs',
    'delete from public.crews',
    'delete from public.contacts'
  ]) as s (statement);

reset role;
select results_eq(
  $$ select p.first_name, t.access_token, l.calendar_ids, s.event_name, s.status::text, j.status, o.id, m.is_resolved, c.first_name
    from public.profiles as p
    join public.google_calendar_tokens as t on t.user_id = p.id
    join public.auto_sync_calendars as l on l.user_id = p.id
    join public.auto_syncs as s on s.organizer_id = p.id
    join public.job_queue as j on j.sync_id = s.id and j.job_type = 'reminder_24h'
    join public.auto_sync_options as o on o.auto_sync_id = s.id
    join public.auto_sync_messages as m on m.auto_sync_id = s.id
    join public.auto_sync_responses as r on r.auto_sync_id = s.id
    join public.crew_members as k on k.crew_id = s.crew_id
    join public.contacts as c on c.id = k.contact_id
    where p.id = '10000000-0000-4000-8000-00000000000b' $$,
  $$ values (
      'Ben'::text, 'of Ben'::text, '{ben}'::text[], 'A surprise for Eve'::text, 'running'::text, 'pending'::text,
      '50000000-0000-4000-8000-00000000000b'::uuid, false, 'Gus'::text
    ) $$,
  'all that is Ben''s stands as it stood'
);

select * from finish();
rollback;
