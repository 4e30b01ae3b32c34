-- Whoever writes a sync, an option or an answer, by whatever client, gets the jobs that follow from it.
begin;
create extension if not exists pgtap;
select plan(29);

insert into auth.users (id) values ('10000000-0000-4000-8000-00000000000a');
insert into public.profiles (id, first_name) values ('10000000-0000-4000-8000-00000000000a', 'Ada');
insert into public.contacts (id, user_id, first_name) values
('20000000-0000-4000-8000-00000000000a', '10000000-0000-4000-8000-00000000000a', 'Fay');

-- The jobs of the sync with this number: type, state, and how far after this moment.
create function pg_temp.jobs_of(number integer) returns table (job_type text, status text, due_in interval)
language sql
as $$
  select j.job_type, j.status, j.scheduled_at - public.autosync_now()
  from public.job_queue as j
  where j.sync_id = format('40000000-0000-4000-8000-%s', lpad(number::text, 12, '0'))::uuid
  order by j.job_type, j.scheduled_at
$$;

-- A person inserts syncs

set local role authenticated;
set local "request.jwt.claims" = '{"role": "authenticated", "sub": "10000000-0000-4000-8000-00000000000a"}';
insert into public.auto_syncs (id, organizer_id, event_name, status, started_at) values
(
  '40000000-0000-4000-8000-000000000001', '10000000-0000-4000-8000-00000000000a', 'Tea', 'running', null
),
(
  '40000000-0000-4000-8000-000000000002', '10000000-0000-4000-8000-00000000000a', 'Tea', 'running', now() + interval '100 hours'
),
(
  '40000000-0000-4000-8000-000000000003', '10000000-0000-4000-8000-00000000000a', 'Tea', 'paused', null
),
(
  '40000000-0000-4000-8000-000000000004', '10000000-0000-4000-8000-00000000000a', 'Tea', 'stopped', null
),
(
  '40000000-0000-4000-8000-000000000005', '10000000-0000-4000-8000-00000000000a', 'Tea', 'completed', null
),
(
  '40000000-0000-4000-8000-000000000006', '10000000-0000-4000-8000-00000000000a', 'Tea', 'running', '-infinity'
),
(
  '40000000-0000-4000-8000-000000000007', '10000000-0000-4000-8000-00000000000a', 'Tea', 'running', 'infinity'
),
(
  '40000000-0000-4000-8000-000000000008', '10000000-0000-4000-8000-00000000000a', 'Tea', 'running', '294276-12-31 23:59Z'
);
reset role;

select has_trigger('public', 'auto_syncs', 'on_auto_sync_created', 'the trigger bears its name of long standing');
select trigger_is('public', 'auto_syncs', 'on_auto_sync_created', 'public', 'schedule_first_reminder');

select results_eq(
  'select * from pg_temp.jobs_of(1)',
  'select ''reminder_24h'', ''pending'', reminder_delay from public.autosync_timings()',
  'a running sync gets its first reminder, counted from now'
);
select results_eq(
  'select job_type, status, due_in from pg_temp.jobs_of(2)',
  'select ''reminder_24h'', ''pending'', now() + interval ''100 hours'' + reminder_delay - public.autosync_now()
    from public.autosync_timings()',
  'or from its start, where it names one'
);
select is_empty(format('select * from pg_temp.jobs_of(%s)', s.number), format('a sync that is %s gets none', s.status))
from (values (3, 'paused'), (4, 'stopped'), (5, 'completed')) as s (number, status);
select
  results_eq(
    format(
      'select job_type, status, isfinite(scheduled_at) from public.job_queue'
      ' where sync_id = ''40000000-0000-4000-8000-%s''', lpad(s.number::text, 12, '0')
    ),
    $$ values ('reminder_24h'::text, 'pending'::text, true) $$,
    'a start that no calendar holds is taken, and its job stands at a moment that one does: sync ' || s.number
  )
from (values (6), (7), (8)) as s (number);

set local role authenticated;
select results_eq(
  'select count(*) from public.job_queue', 'values (5::bigint)', 'their organizer reads the jobs of their syncs'
);
select throws_ok(
  'update public.job_queue set scheduled_at = now()', '42501', null, 'and does not write them'
);
reset role;

-- One pending job of a type

select throws_ok(
  $$ insert into public.job_queue (sync_id, job_type, scheduled_at)
    values ('40000000-0000-4000-8000-000000000001', 'reminder_24h', now()) $$,
  '23505', null, 'a second pending job of a type is refused, to whomever'
);
select throws_ok(
  $$ insert into public.job_queue (sync_id, job_type, scheduled_at)
    values ('40000000-0000-4000-8000-000000000001', 'send_everything', now()) $$,
  '23514', null, 'a job is of a type that there is'
);
select throws_ok(
  $$ insert into public.job_queue (sync_id, job_type, scheduled_at, status)
    values ('40000000-0000-4000-8000-000000000001', 'pause_check_48h', now(), 'done') $$,
  '23514', null, 'and in a state that there is'
);

-- Options

set local role authenticated;
insert into public.auto_sync_options (auto_sync_id, idx, start_time, end_time) values
('40000000-0000-4000-8000-000000000001', 1, now() + interval '300 hours', now() + interval '302 hours'),
('40000000-0000-4000-8000-000000000001', 2, now() + interval '301 hours', null);
reset role;
select results_eq(
  'select job_type, due_in + public.autosync_now() - now() from pg_temp.jobs_of(1) where job_type = ''auto_end_check''',
  $$ values ('auto_end_check'::text, interval '302 hours') $$,
  'the end check stands at the end of the latest option'
);

set local role authenticated;
update public.auto_sync_options set start_time = now() + interval '400 hours' where idx = 2;
reset role;
select results_eq(
  'select job_type, due_in + public.autosync_now() - now() from pg_temp.jobs_of(1) where job_type = ''auto_end_check''',
  $$ values ('auto_end_check'::text, interval '400 hours') $$,
  'it follows an option that is moved'
);

set local role authenticated;
delete from public.auto_sync_options where idx = 2;
reset role;
select results_eq(
  'select job_type, due_in + public.autosync_now() - now() from pg_temp.jobs_of(1) where job_type = ''auto_end_check''',
  $$ values ('auto_end_check'::text, interval '302 hours') $$,
  'and one that is deleted'
);

set local role authenticated;
update public.auto_sync_options set end_time = 'infinity' where idx = 1;
reset role;
select
  ok(
    bool_and(isfinite(j.scheduled_at)), 'an option without end in the calendar has an end check within it'
  )
from public.job_queue as j
where j.job_type = 'auto_end_check';

select throws_ok(
  $$ insert into public.auto_sync_options (auto_sync_id, idx, start_time)
    values ('40000000-0000-4000-8000-000000000001', 4, now()) $$,
  '23514', null, 'a sync has no fourth option'
);

-- States

set local role authenticated;
update public.auto_syncs set status = 'paused' where id = '40000000-0000-4000-8000-000000000001';
reset role;
select results_eq(
  'select job_type, status from pg_temp.jobs_of(1)',
  $$ values ('auto_end_check'::text, 'pending'::text), ('reminder_24h', 'skipped') $$,
  'a pause skips the reminder and leaves the end check'
);
select isnt(j.error_message, null, 'it says why')
from public.job_queue as j
where j.sync_id = '40000000-0000-4000-8000-000000000001' and j.status = 'skipped';

set local role authenticated;
update public.auto_syncs set status = 'running' where id = '40000000-0000-4000-8000-000000000001';
reset role;
select results_eq(
  'select job_type, due_in from pg_temp.jobs_of(1) where status = ''pending'' and job_type = ''reminder_24h''',
  $$ values ('reminder_24h'::text, interval '0') $$,
  'running again reminds at once'
);

-- Answers

set local role service_role;
insert into public.auto_sync_messages (auto_sync_id, contact_id, message_type) values
('40000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-00000000000a', 'initial');
insert into public.auto_sync_responses (auto_sync_id, contact_id, response_type) values
('40000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-00000000000a', 'not_available');
reset role;
select results_eq(
  'select job_type, due_in from pg_temp.jobs_of(1) where job_type = ''pause_check_48h''',
  $$ values ('pause_check_48h'::text, interval '0') $$,
  'the answer of everybody who was asked brings the pause check to now'
);

set local role authenticated;
update public.auto_syncs set status = 'stopped' where id = '40000000-0000-4000-8000-000000000001';
reset role;
select is_empty(
  'select * from pg_temp.jobs_of(1) where status = ''pending''', 'a stop skips all that is pending'
);

set local role authenticated;
update public.auto_syncs set status = 'running' where id = '40000000-0000-4000-8000-000000000001';
reset role;
select results_eq(
  'select job_type from pg_temp.jobs_of(1) where status = ''pending''', array['auto_end_check'],
  'what has ended and is called running is not reminded, and ends again'
);

set local role authenticated;
delete from public.auto_syncs where id = '40000000-0000-4000-8000-000000000001';
reset role;
select is_empty('select * from pg_temp.jobs_of(1)', 'a sync that is deleted takes its jobs with it');

-- Whatever goes wrong with the job

alter table public.job_queue add constraint no_jobs check (job_type <> 'reminder_24h') not valid;
set local role authenticated;
select lives_ok(
  $$ insert into public.auto_syncs (id, organizer_id, event_name)
    values ('40000000-0000-4000-8000-000000000009', '10000000-0000-4000-8000-00000000000a', 'Tea') $$,
  'inserting a sync never fails because of its job'
);
reset role;
select is_empty('select * from pg_temp.jobs_of(9)', 'it has none then');

select * from finish();
rollback;
