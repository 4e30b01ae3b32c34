-- What somebody who is signed in could still do to others, tried and closed: see docs/security.md.

-- Tables

-- Nobody's name, number or zone is this long. One of some megabytes would be read again for each of its owner's jobs,
-- together with everybody else's of the batch. Event names are cut where they are read.
-- Rows that stand are looked at by the next migration, under a lock that lets everybody read and write.
alter table public.profiles
add constraint profiles_lengths_check check (
  greatest(length(first_name), length(last_name), length(phone_number), length(preferred_timezone)) <= 10000
) not valid;
alter table public.contacts
add constraint contacts_lengths_check check (
  greatest(length(first_name), length(last_name), length(phone_number), length(email)) <= 10000
) not valid;
alter table public.auto_syncs
add constraint auto_syncs_timezone_length_check check (length(timezone) <= 10000) not valid;

-- Functions
--
-- Moments that no calendar holds come from any client as started_at, start_time or end_time: infinity, or a year that
-- does not exist. A job due at one of them would break whatever reckons with its age, so it stands at the edge of what
-- a calendar does hold.
--
-- In functions that are SECURITY DEFINER, types are named with their schema. An empty search_path does not keep out
-- the caller's temporary schema, which is searched first for types: a domain of the caller's by the name of uuid would
-- have its check, and so any code, run with the owner's rights.

create or replace function public.schedule_first_reminder() returns trigger
language plpgsql security definer
set search_path = ''
as $$
begin
  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select
    new.id,
    'reminder_24h',
    greatest('0010-01-01 00:00Z', least('9990-01-01 00:00Z', coalesce(new.started_at, public.autosync_now())))
    + t.reminder_delay
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

-- When the latest option of each of these syncs is over, for those that have not ended.
create or replace function public.auto_sync_ends(sync_ids uuid[])
returns table (auto_sync_id uuid, ends_at timestamptz)
language sql stable
set search_path = ''
as $$
  select
    o.auto_sync_id,
    greatest('0010-01-01 00:00Z', least('9990-01-01 00:00Z', max(coalesce(o.end_time, o.start_time))))
  from public.auto_sync_options as o
  inner join public.auto_syncs as s on s.id = o.auto_sync_id
  where o.auto_sync_id = any(sync_ids) and s.status in ('running', 'paused')
  group by o.auto_sync_id
$$;

-- Keeps auto_end_check at the end of the latest option.
create or replace function public.jobs_follow_options() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  sync_ids pg_catalog.uuid[] := array(select distinct c.auto_sync_id from changed as c);
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

-- Meeting the response goal brings the pause check of a running sync forward to now: once, so that an organizer who
-- has been told and reminds again is not paused by the very next answer.
create or replace function public.pause_check_follows_answers() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  met pg_catalog.uuid[];
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

-- Forgets suppressed numbers that a contact or profile let go and that nobody has any more; the hash stays.
-- Contacts of other clients are written as people write numbers, so the last seven digits tell which may be meant,
-- and only the E.164 form keeps one readable: in doubt a number is forgotten, which loses nothing but its looks.
-- SECURITY DEFINER, because an authenticated user may delete contacts but not touch the list.
create or replace function public.forget_suppressed_numbers() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  gone pg_catalog.text[];
begin
  if tg_op = 'UPDATE' then
    gone := array(select b.phone_number from before as b except select a.phone_number from after as a);
  else
    gone := array(select b.phone_number from before as b);
  end if;

  with meant as (
    select s.number_hash
    from public.auto_sync_suppressions as s
    where right(s.phone_number, 7) = any(array(
        select right(regexp_replace(regexp_replace(g.written, '(\d)(\s*[a-z#;,].*|\.0)$', '\1', 'i'), '\D', '', 'g'), 7)
        from unnest(gone) as g (written)
      ))
      and not exists (select from public.contacts as c where c.phone_number = s.phone_number)
      and not exists (select from public.profiles as p where p.phone_number = s.phone_number)
    order by s.number_hash -- always in one order, so that two deletions do not wait for each other
    for no key update
  )

  update public.auto_sync_suppressions as s
  set
    phone_number = null,
    reason = regexp_replace(s.reason, '[+(]*\d([ ()./-]*\d){6,}', '(number)', 'g') -- in whatever spelling
  from meant as m
  where s.number_hash = m.number_hash;
  return null;
end
$$;
