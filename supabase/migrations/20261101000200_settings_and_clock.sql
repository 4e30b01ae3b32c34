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
