-- Whoever writes a sync, an option or an answer, by whatever client, gets the jobs that follow from it.
--
-- Who wins where two meet: each of these functions holds the sync's row lock before it touches the sync's jobs, and
-- the processor takes a job only together with its sync's row lock and without waiting (SKIP LOCKED). So nobody
-- waits for the processor while holding what it needs next, and our own parties never deadlock.
--
-- All are SECURITY DEFINER, because an authenticated user may write syncs but not jobs. No API role may call them.

-- Functions

-- A new running sync gets its first reminder at its start (or now) plus the reminder delay.
-- This function and its trigger bear names of long standing: where production has its own by them, these replace it.
create or replace function public.schedule_first_reminder() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select new.id, 'reminder_24h', coalesce(new.started_at, public.autosync_now()) + t.reminder_delay
  from public.autosync_timings() as t
  on conflict do nothing;
  return null;
exception
  -- Inserting a sync never fails because of its job; a running sync without one is found by the review.
  when others then
    raise warning 'auto sync % was inserted without its first reminder: %', new.id, sqlerrm;
    return null;
end
$$;

-- A sync that leaves running makes its pending reminder and pause check skipped, one that ends all of its jobs.
-- One that goes from paused back to running is reminded at once.
create function public.jobs_follow_status() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  update public.job_queue as j
  set
    status = 'skipped',
    processed_at = public.autosync_now(),
    error_message = format('The sync was %s before this job was due.', after.status)
  from changed_to as after
  inner join changed_from as before on before.id = after.id
  where after.status is distinct from before.status
    and j.sync_id = after.id
    and j.status = 'pending'
    and (
      after.status in ('stopped', 'completed')
      or (after.status = 'paused' and j.job_type in ('reminder_24h', 'pause_check_48h'))
    );

  -- A finished job that stands at the same moment makes room: unique (sync_id, job_type, scheduled_at).
  delete from public.job_queue as j
  using changed_to as after, changed_from as before
  where before.id = after.id and before.status = 'paused' and after.status = 'running'
    and j.sync_id = after.id and j.job_type = 'reminder_24h' and j.scheduled_at = public.autosync_now()
    and j.status <> 'pending';

  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select after.id, 'reminder_24h', public.autosync_now()
  from changed_to as after
  inner join changed_from as before on before.id = after.id
  where before.status = 'paused' and after.status = 'running'
  on conflict (sync_id, job_type) where status = 'pending' do nothing;
  return null;
end
$$;

-- When the latest option of each of these syncs is over, for those that have not ended.
create function public.auto_sync_ends(sync_ids uuid[]) returns table (auto_sync_id uuid, ends_at timestamptz)
language sql stable
set search_path = ''
as $$
  select o.auto_sync_id, max(coalesce(o.end_time, o.start_time))
  from public.auto_sync_options as o
  inner join public.auto_syncs as s on s.id = o.auto_sync_id
  where o.auto_sync_id = any(sync_ids) and s.status in ('running', 'paused')
  group by o.auto_sync_id
$$;

-- Keeps auto_end_check at the end of the latest option.
create function public.jobs_follow_options() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  sync_ids uuid[] := array(select distinct c.auto_sync_id from changed as c);
begin
  if tg_op = 'UPDATE' then -- an option may have left a sync for another
    sync_ids := sync_ids || array(select distinct c.auto_sync_id from changed_from as c);
  end if;

  perform from public.auto_syncs as s
  where s.id = any(sync_ids)
  order by s.id
  for no key update;

  -- A finished job that stands at the same moment makes room: unique (sync_id, job_type, scheduled_at).
  delete from public.job_queue as j
  using public.auto_sync_ends(sync_ids) as e
  where j.sync_id = e.auto_sync_id and j.job_type = 'auto_end_check' and j.scheduled_at = e.ends_at
    and j.status <> 'pending';

  update public.job_queue as j
  set scheduled_at = e.ends_at
  from public.auto_sync_ends(sync_ids) as e
  where j.sync_id = e.auto_sync_id and j.job_type = 'auto_end_check' and j.status = 'pending'
    and j.scheduled_at <> e.ends_at;

  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select e.auto_sync_id, 'auto_end_check', e.ends_at
  from public.auto_sync_ends(sync_ids) as e
  on conflict do nothing;
  return null;
end
$$;

-- Which of these syncs have met their response goal:
--   everyone: every invitee has answered; critical_mass: more than half of the invitees can make the same option.
create function public.syncs_with_goal_met(sync_ids uuid[]) returns setof uuid
language sql stable
set search_path = ''
as $$
  select s.id
  from public.auto_syncs as s
  cross join lateral (
    select
      count(*) as invitees,
      count(r.contact_id) as answered
    from public.auto_sync_invitees as i
    left join public.auto_sync_responses as r on r.auto_sync_id = i.auto_sync_id and r.contact_id = i.contact_id
    where i.auto_sync_id = s.id
  ) as asked
  cross join lateral (
    select coalesce(max(o.can), 0) as can
    from (
      select count(*) as can
      from public.auto_sync_options as o
      inner join public.auto_sync_responses as r
        on r.auto_sync_id = o.auto_sync_id and r.response_type = 'available' and o.id = any(r.option_ids)
      inner join public.auto_sync_invitees as i on i.auto_sync_id = r.auto_sync_id and i.contact_id = r.contact_id
      where o.auto_sync_id = s.id
      group by o.id
    ) as o
  ) as best
  where s.id = any(sync_ids)
    and asked.invitees > 0
    and case s.response_goal
      when 'everyone' then asked.answered = asked.invitees
      else best.can * 2 > asked.invitees
    end
$$;

-- Whoever answers takes the sync's row lock before the row of the answer, as the program does: an insert that turns
-- out to be an update would otherwise take them the other way round.
create function public.lock_sync_of_answer() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  perform from public.auto_syncs as s where s.id = new.auto_sync_id for no key update;
  return new;
end
$$;

-- Meeting the response goal brings the pause check of a running sync forward to now: once, so that an organizer who
-- has been told and reminds again is not paused by the very next answer.
create function public.pause_check_follows_answers() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  met uuid[];
begin
  perform from public.auto_syncs as s
  where s.id in (select c.auto_sync_id from changed as c) and s.status = 'running'
  order by s.id
  for no key update;

  select array_agg(s.id) into met
  from public.syncs_with_goal_met(array(select distinct c.auto_sync_id from changed as c)) as g (id)
  inner join public.auto_syncs as s on s.id = g.id
  where s.status = 'running'
    and not exists (
      select from public.auto_sync_messages as m
      where m.auto_sync_id = s.id and m.contact_id is null and m.message_type = 'goal_met'
    );

  if met is null then
    return null;
  end if;

  update public.job_queue as j
  set scheduled_at = public.autosync_now()
  where j.sync_id = any(met) and j.job_type = 'pause_check_48h' and j.status = 'pending'
    and j.scheduled_at > public.autosync_now();

  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select m.id, 'pause_check_48h', public.autosync_now()
  from unnest(met) as m (id)
  on conflict do nothing;
  return null;
end
$$;

-- Triggers

create or replace trigger on_auto_sync_created
after insert on public.auto_syncs
for each row when (new.status = 'running')
execute function public.schedule_first_reminder();

create trigger on_auto_sync_status_changed
after update on public.auto_syncs
referencing old table as changed_from new table as changed_to
for each statement
execute function public.jobs_follow_status();

create trigger on_auto_sync_options_inserted
after insert on public.auto_sync_options
referencing new table as changed
for each statement
execute function public.jobs_follow_options();

create trigger on_auto_sync_options_updated
after update on public.auto_sync_options
referencing old table as changed_from new table as changed
for each statement
execute function public.jobs_follow_options();

create trigger on_auto_sync_options_deleted
after delete on public.auto_sync_options
referencing old table as changed
for each statement
execute function public.jobs_follow_options();

create trigger on_auto_sync_response_inserting
before insert on public.auto_sync_responses
for each row
execute function public.lock_sync_of_answer();

create trigger on_auto_sync_responses_inserted
after insert on public.auto_sync_responses
referencing new table as changed
for each statement
execute function public.pause_check_follows_answers();

create trigger on_auto_sync_responses_updated
after update on public.auto_sync_responses
referencing new table as changed
for each statement
execute function public.pause_check_follows_answers();
