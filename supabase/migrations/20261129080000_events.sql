-- What is to stand in organizers' calendars: an outbox of events, one for each sync that ever had a time chosen.
--
-- Who wins where two meet: whoever changes a sync, by whatever client, holds its row lock and then waits for its event's;
-- an inviter locks due events without waiting, marks them, and asks Google outside of any transaction. What changes
-- meanwhile only makes `sequence` grow: the result is recorded for the sequence that it is of, and the event is due
-- again. The attempt fences a result that comes too late.
--
-- Triggers are SECURITY DEFINER, because an authenticated user may write syncs but not events. No API role may call them.
-- No bigint for sequence and attempts, which are few.
-- squawk-ignore-file prefer-bigint-over-int

-- Tables

create table public.auto_sync_events (
  sync_id uuid primary key, -- no reference: the event of a deleted sync is taken back all the same
  organizer_id uuid not null references public.profiles (id) on delete cascade,
  option_id uuid not null, -- the option that was chosen last
  over_at timestamptz not null, -- when that one is over: two hours after it begins, where nobody said
  sequence integer not null default 0, -- RFC 5545: grows with each change
  status text not null, -- what is wanted
  delivery text not null,
  known_sequence integer, -- the last that the calendar is known to have; missing: it has nothing
  in_doubt boolean not null default false, -- whether an attempt may have done more than is known
  calendar_id text, -- where it went first, and stays
  attempt integer not null default 0, -- how often it was claimed; fences a late result
  next_attempt_at timestamptz, -- when a queued one is due, or one in doubt is looked up
  claimed_at timestamptz, -- on the server's own clock, which no demo moves
  failing_since timestamptz, -- the same clock: since when attempts at this sequence have come to nothing
  reason text, -- why it is where it is: one sentence
  changed_at timestamptz not null,
  orphaned_at timestamptz, -- when its sync was deleted
  check (sequence >= 0 and length(calendar_id) <= 1024 and length(reason) <= 400),
  check (status in ('confirmed', 'tentative', 'cancelled')),
  check (
    delivery in (
      'none',     -- calendar files only: no calendar is connected, or reason says why
      'queued',   -- waits for its turn
      'sending',  -- claimed by an inviter
      'unknown',  -- may or may not be there: looked up, never blindly made again
      'sent',     -- the calendar has it
      'failed'    -- refused for good, or out of patience
    )
  ),
  check (delivery not in ('queued', 'unknown') or next_attempt_at is not null)
);

-- Indexes

-- The inviter's claim.
create index idx_auto_sync_events_due on public.auto_sync_events (next_attempt_at)
where delivery in ('queued', 'unknown');
-- Those in flight, and those that a crash left there.
create index idx_auto_sync_events_sending on public.auto_sync_events (claimed_at) where delivery = 'sending';
-- What an operator has to look at.
create index idx_auto_sync_events_failed on public.auto_sync_events (changed_at) where delivery = 'failed';
-- Of syncs that are gone, for housekeeping.
create index idx_auto_sync_events_orphaned on public.auto_sync_events (orphaned_at) where orphaned_at is not null;
create index idx_auto_sync_events_organizer on public.auto_sync_events (organizer_id);

-- Functions

-- Wants these events, from now on, to have this status, and says so to the calendar, if one is connected.
create function public.auto_sync_change_events(sync_ids uuid[], wanted text) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform from public.auto_sync_events as e
  where e.sync_id = any(sync_ids)
  order by e.sync_id
  for no key update;

  update public.auto_sync_events as e
  set
    status = wanted,
    sequence = e.sequence + 1,
    delivery = case
      when e.delivery in ('sending', 'unknown') then e.delivery -- what is in flight is recorded first
      when e.attempt = 0 and wanted <> 'confirmed' then 'none' -- it has not set out: there is nothing to take back
      when exists (select from public.google_calendar_tokens as t where t.user_id = e.organizer_id) then 'queued'
      else 'none'
    end,
    next_attempt_at = public.autosync_now(),
    failing_since = null,
    reason = null,
    changed_at = public.autosync_now()
  where e.sync_id = any(sync_ids);
end
$$;

-- Wants the event of a completed sync to be as the sync is now.
create function public.auto_sync_keep_event(sync uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.auto_sync_events as e (
    sync_id, organizer_id, option_id, over_at, status, delivery, next_attempt_at, changed_at
  )
  select
    s.id,
    s.organizer_id,
    o.id,
    case when o.end_time > o.start_time then o.end_time else o.start_time + interval '2 hours' end,
    'confirmed',
    case
      when exists (select from public.google_calendar_tokens as t where t.user_id = s.organizer_id) then 'queued'
      else 'none'
    end,
    public.autosync_now(),
    public.autosync_now()
  from public.auto_syncs as s
  inner join public.auto_sync_options as o on o.auto_sync_id = s.id
  where s.id = sync and s.status = 'completed' and o.id::text = lower(s.metadata ->> 'chosen_option_id')
  on conflict (sync_id) do update
    set
      option_id = excluded.option_id,
      over_at = excluded.over_at,
      sequence = e.sequence + 1,
      status = excluded.status,
      delivery = case when e.delivery in ('sending', 'unknown') then e.delivery else excluded.delivery end,
      next_attempt_at = excluded.next_attempt_at,
      failing_since = null,
      reason = null,
      changed_at = excluded.changed_at,
      orphaned_at = null -- a sync that was deleted may be put back
    where e.organizer_id = excluded.organizer_id; -- but not by somebody else, who has found out its id
end
$$;

-- A sync that is completed, or whose event is called, placed or chosen anew, has its event; one that goes on again has
-- it in doubt, one that is stopped has it called off.
create function public.auto_sync_event_follows_sync() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  if new.status = 'stopped' then
    perform public.auto_sync_change_events(array[e.sync_id], 'cancelled')
    from public.auto_sync_events as e
    where e.sync_id = new.id and e.status <> 'cancelled';
    return null;
  elsif new.status <> 'completed' then
    perform public.auto_sync_change_events(array[e.sync_id], 'tentative')
    from public.auto_sync_events as e
    where e.sync_id = new.id and e.status = 'confirmed';
    return null;
  end if;

  perform public.auto_sync_keep_event(new.id);
  return null;
exception
  -- What two at once ran into is for whoever changes the sync to do again: swallowed, the event would be lost.
  when deadlock_detected or lock_not_available or serialization_failure then
    raise;
  -- Otherwise changing a sync never fails because of a calendar.
  when others then
    raise warning 'auto sync % was changed without its calendar event: %', new.id, sqlerrm;
    return null;
end
$$;

-- A chosen option that is moved moves the event. The syncs' locks come first, as everywhere: whoever completes a sync at
-- this moment is waited for.
create function public.auto_sync_event_follows_option() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  moved constant pg_catalog.uuid[] := array(
    select after.id
    from changed as after
    inner join changed_from as before on before.id = after.id
    where after.start_time is distinct from before.start_time or after.end_time is distinct from before.end_time
  );
begin
  if moved = '{}' then
    return null;
  end if;
  perform from public.auto_syncs as s
  where s.id in (select c.auto_sync_id from changed as c where c.id = any(moved))
  order by s.id
  for no key update;

  perform from public.auto_sync_events as e
  where e.sync_id in (select c.auto_sync_id from changed as c where c.id = any(moved))
  order by e.sync_id
  for no key update;

  update public.auto_sync_events as e
  set over_at = case when c.end_time > c.start_time then c.end_time else c.start_time + interval '2 hours' end
  from changed as c
  where e.sync_id = c.auto_sync_id and e.option_id = c.id and c.id = any(moved) and e.orphaned_at is null;

  perform public.auto_sync_change_events(
    array(
      select e.sync_id
      from changed as c
      inner join public.auto_sync_events as e on e.sync_id = c.auto_sync_id and e.option_id = c.id
      where c.id = any(moved) and e.status = 'confirmed'
    ),
    'confirmed'
  );
  return null;
exception
  when deadlock_detected or lock_not_available or serialization_failure then -- as above
    raise;
  when others then -- as above
    raise warning 'options were moved without their calendar events: %', sqlerrm;
    return null;
end
$$;

-- The events of deleted syncs are called off. Where the organizer is gone, too, so are the events.
create function public.auto_sync_event_outlives_sync() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  orphaned constant pg_catalog.uuid[] := array(
    select e.sync_id from gone as g inner join public.auto_sync_events as e on e.sync_id = g.id order by e.sync_id
  );
begin
  if orphaned = '{}' then
    return null;
  end if;
  perform from public.auto_sync_events as e
  where e.sync_id = any(orphaned)
  order by e.sync_id
  for no key update;

  perform public.auto_sync_change_events(
    array(select e.sync_id from public.auto_sync_events as e where e.sync_id = any(orphaned) and e.status <> 'cancelled'),
    'cancelled'
  );
  update public.auto_sync_events as e
  set orphaned_at = public.autosync_now()
  where e.sync_id = any(orphaned);
  return null;
exception
  when deadlock_detected or lock_not_available or serialization_failure then -- as above
    raise;
  when others then -- as above
    raise warning 'auto syncs were deleted without their calendar events: %', sqlerrm;
    return null;
end
$$;

-- Whoever has a calendar, connected anew or another than before, gets into it what lies ahead, and gets out of it what
-- is no longer so, also what an earlier one refused.
create function public.auto_sync_requeue_events(organizer uuid) returns void
language plpgsql
set search_path = ''
as $$
begin
  if not exists (select from public.google_calendar_tokens as t where t.user_id = organizer) then
    return;
  end if;
  -- Whoever records, or claims, one of these waits until the calendar is there to be seen.
  perform from public.auto_sync_events as e
  where e.organizer_id = organizer and e.delivery <> 'sent'
  order by e.sync_id
  for no key update;

  update public.auto_sync_events as e
  set delivery = 'queued', next_attempt_at = public.autosync_now(), failing_since = null, reason = null
  where e.organizer_id = organizer and e.delivery in ('none', 'failed') and e.over_at > public.autosync_now()
    and (e.status = 'confirmed' or e.known_sequence < e.sequence or e.in_doubt);
end
$$;

-- Somebody connects a calendar. Where the tokens of one are there already, it is for the program that replaces them to
-- say so: here it looks like tokens that were refreshed.
create function public.auto_sync_events_follow_calendar() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  perform public.auto_sync_requeue_events(new.user_id);
  return null;
exception
  when deadlock_detected or lock_not_available or serialization_failure then -- as above
    raise;
  when others then -- as above
    raise warning 'a calendar was connected without the events that lie ahead: %', sqlerrm;
    return null;
end
$$;

-- Whether an inviter has something to do. What nobody has taken for two hours wakes nobody any more: then Google is not
-- set up here, though somebody else's program has people's tokens.
create function public.auto_sync_events_are_due() returns boolean
language sql stable
set search_path = ''
as $$
  select
    exists (
      select from public.auto_sync_events as e
      where e.delivery in ('queued', 'unknown') and e.next_attempt_at <= (select public.autosync_now())
        and e.next_attempt_at > (select public.autosync_now()) - interval '2 hours'
    )
    or exists (
      select from public.auto_sync_events as e
      where e.delivery = 'sending' and e.claimed_at < clock_timestamp() - interval '120 seconds'
        and e.claimed_at > clock_timestamp() - interval '2 hours'
    )
$$;

-- What pg_cron runs every minute: returns how many jobs are due, and calls the function endpoint if any is, or if a
-- text or an event is. With nothing to do it calls nobody.
create or replace function public.process_auto_sync_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  due integer;
begin
  perform public.auto_sync_put_back_jobs();
  select count(*)::integer into due
  from public.job_queue as j
  where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now());
  if due > 0 or public.auto_sync_texts_are_due() or public.auto_sync_events_are_due() then
    perform public.auto_sync_call_endpoint();
  end if;
  return due;
end
$$;

revoke all on function
public.auto_sync_change_events(uuid[], text), public.auto_sync_event_follows_sync(),
public.auto_sync_event_follows_option(), public.auto_sync_event_outlives_sync(),
public.auto_sync_events_follow_calendar()
from public, anon, authenticated, service_role;
revoke all on function
public.auto_sync_events_are_due(), public.auto_sync_requeue_events(uuid), public.auto_sync_keep_event(uuid)
from public, anon, authenticated;
grant execute on function
public.auto_sync_events_are_due(), public.auto_sync_requeue_events(uuid), public.auto_sync_keep_event(uuid)
to service_role;

-- Triggers: the first row by row, with a condition that keeps what has nothing to do with a calendar away from it.

create trigger on_auto_sync_event_changed
after update on public.auto_syncs
for each row when (
  (
    new.status is distinct from old.status
    and (old.status = 'completed' or new.status = 'completed' or new.status = 'stopped')
  )
  or (
    new.status = 'completed'
    and (
      new.event_name is distinct from old.event_name
      or new.event_location is distinct from old.event_location
      or new.timezone is distinct from old.timezone
      or (new.metadata ->> 'chosen_option_id') is distinct from (old.metadata ->> 'chosen_option_id')
    )
  )
)
execute function public.auto_sync_event_follows_sync();

create trigger on_auto_sync_event_moved
after update on public.auto_sync_options
referencing old table as changed_from new table as changed
for each statement
execute function public.auto_sync_event_follows_option();

create trigger on_auto_sync_event_orphaned
after delete on public.auto_syncs
referencing old table as gone
for each statement
execute function public.auto_sync_event_outlives_sync();

create trigger on_google_calendar_connected
after insert on public.google_calendar_tokens
for each row
execute function public.auto_sync_events_follow_calendar();

-- Where events go is the first: what was refused before may be taken there.
create trigger on_auto_sync_calendar_named
after insert on public.auto_sync_calendars
for each row when (new.calendar_ids[1] <> 'primary')
execute function public.auto_sync_events_follow_calendar();

create trigger on_auto_sync_calendar_changed
after update on public.auto_sync_calendars
for each row when (new.calendar_ids[1] is distinct from old.calendar_ids[1])
execute function public.auto_sync_events_follow_calendar();

-- Policies: people see how it stands with their own; the rest is the service's.

alter table public.auto_sync_events enable row level security;
revoke all on public.auto_sync_events from anon, authenticated;
grant select on public.auto_sync_events to authenticated;
grant select, insert, update, delete on public.auto_sync_events to service_role;
create policy auto_sync_events_select_own on public.auto_sync_events
for select to authenticated using (organizer_id = (select auth.uid()));
create policy auto_sync_events_service on public.auto_sync_events
for all to service_role using (true) with check (true);
