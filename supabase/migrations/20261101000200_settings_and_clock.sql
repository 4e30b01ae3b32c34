-- Timings are data, read by the triggers and the processor alike; time itself has one source.

-- Tables

create table public.auto_sync_settings (
  profile text primary key check (profile in ('production', 'demo')),
  active boolean not null default false,
  reminder_delay interval not null, -- from the start of a sync to its first reminder
  pause_delay interval not null, -- from the start of a sync to its pause
  clock_offset interval not null default '0', -- how far autosync_now() is ahead of now()
  check (reminder_delay > interval '0' and pause_delay > reminder_delay),
  -- A day is 23 or 25 hours long twice a year, so delays are written in hours.
  check (
    extract(day from reminder_delay) = 0 and extract(month from reminder_delay) = 0
    and extract(year from reminder_delay) = 0 and extract(day from pause_delay) = 0
    and extract(month from pause_delay) = 0 and extract(year from pause_delay) = 0
    and extract(day from clock_offset) = 0 and extract(month from clock_offset) = 0
    and extract(year from clock_offset) = 0
  ),
  -- Only the demo's clock can be moved, and only ahead.
  check (clock_offset >= interval '0' and (profile = 'demo' or clock_offset = interval '0'))
);

insert into public.auto_sync_settings (profile, active, reminder_delay, pause_delay) values
('production', true, '24 hours', '48 hours'),
('demo', false, '5 minutes', '10 minutes');

-- Indexes

create unique index idx_auto_sync_settings_one_active on public.auto_sync_settings (active) where active;

-- Functions

-- The project's only clock: now(), moved ahead while the demo profile is active.
create function public.autosync_now() returns timestamptz
language sql stable
set search_path = ''
as $$
  select now() + coalesce(
    (select s.clock_offset from public.auto_sync_settings as s where s.active), interval '0'
  )
$$;

-- The delays in force; production's where no profile is active.
create function public.autosync_timings(out reminder_delay interval, out pause_delay interval)
language sql stable
set search_path = ''
as $$
  select
    coalesce(max(s.reminder_delay), interval '24 hours'),
    coalesce(max(s.pause_delay), interval '48 hours')
  from public.auto_sync_settings as s
  where s.active
$$;

-- Drivers write 24 hours as '1 day', which is not the same twice a year: days are kept as hours, whoever wrote them.
-- Months and years have no length in hours; the table's check refuses them.
create function public.keep_settings_in_hours() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.reminder_delay := new.reminder_delay + extract(day from new.reminder_delay) * interval '-1 day +24 hours';
  new.pause_delay := new.pause_delay + extract(day from new.pause_delay) * interval '-1 day +24 hours';
  new.clock_offset := new.clock_offset + extract(day from new.clock_offset) * interval '-1 day +24 hours';
  return new;
end
$$;

-- While the demo goes on, nobody sees its time run back.
create function public.keep_clock_from_running_back() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  raise check_violation using message = 'the clock of a running demo can only be moved ahead';
end
$$;

-- Triggers

create trigger on_auto_sync_settings_written
before insert or update on public.auto_sync_settings
for each row execute function public.keep_settings_in_hours();

create trigger on_auto_sync_clock_moved
before update on public.auto_sync_settings
for each row when (old.active and new.active and new.clock_offset < old.clock_offset)
execute function public.keep_clock_from_running_back();
