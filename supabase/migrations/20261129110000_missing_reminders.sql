-- A sync whose first reminder could not be written, such as on a full disk, gets it as soon as it can be. The insert of
-- a sync never fails because of its job, so what is owed is kept beside it, and paid by whoever puts jobs back.

-- Tables

create table public.auto_sync_missing_reminders (
  sync_id uuid primary key references public.auto_syncs (id) on delete cascade,
  noted_at timestamptz not null default public.autosync_now(),
  error_message text not null -- why it could not be written
);

-- Functions

-- A new running sync gets its first reminder at its start (or now) plus the reminder delay.
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
  when others then
    raise warning 'auto sync % was inserted without its first reminder: %', new.id, sqlerrm;
    begin
      insert into public.auto_sync_missing_reminders (sync_id, error_message) values (new.id, sqlerrm);
    exception
      -- Where not even this can be written, the review finds the sync.
      when others then
        raise warning 'nor could it be noted: %', sqlerrm;
    end;
    return null;
end
$$;

-- Writes first reminders that could not be written with their syncs, for syncs that are running and got none since, and
-- forgets the notes; returns how many reminders, and takes no more than `at_most` notes. A sync that somebody has
-- locked has its turn next time. One by one: what still cannot be written keeps its note, and nothing else waits for it.
create function public.auto_sync_write_missing_reminders(at_most integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  owed record;
  written integer := 0;
begin
  for owed in
    select
      s.id,
      s.status,
      greatest('0010-01-01 00:00Z', least('9990-01-01 00:00Z', coalesce(s.started_at, m.noted_at)))
      + t.reminder_delay as scheduled_at
    from public.auto_sync_missing_reminders as m
    inner join public.auto_syncs as s on s.id = m.sync_id
    cross join public.autosync_timings() as t
    order by m.sync_id
    limit at_most
    for no key update of s skip locked
  loop
    begin
      delete from public.auto_sync_missing_reminders where sync_id = owed.id;
      if owed.status = 'running' and not exists (
        select from public.job_queue as j
        where j.sync_id = owed.id and j.job_type in ('reminder_24h', 'pause_check_48h')
      ) then
        insert into public.job_queue (sync_id, job_type, scheduled_at, error_message)
        values (
          owed.id, 'reminder_24h', owed.scheduled_at,
          'It could not be written with its sync, and was written later.'
        );
        written := written + 1;
      end if;
    exception
      when others then
        raise warning 'the first reminder of auto sync % still cannot be written: %', owed.id, sqlerrm;
    end;
  end loop;
  return written;
end
$$;

-- Puts back jobs that another client took and left for half an hour after they were due, and writes first reminders
-- that could not be written; returns how many, which is `at_most` or more if there may be others;
-- idx_job_queue_processing. Where a job of the type has been scheduled since, the abandoned one is skipped instead.
create or replace function public.auto_sync_put_back_jobs(at_most integer default 1000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  put_back integer;
begin
  with abandoned as (
    select
      j.id,
      row_number() over (partition by j.sync_id, j.job_type order by j.scheduled_at, j.id) > 1
      or exists (
        select from public.job_queue as p
        where p.sync_id = j.sync_id and p.job_type = j.job_type and p.status = 'pending'
      ) as superseded
    from (
      select *
      from public.job_queue
      where status = 'processing' and scheduled_at < (select public.autosync_now()) - interval '30 minutes'
      order by scheduled_at
      limit at_most
      for update skip locked
    ) as j
  )

  update public.job_queue as j
  set
    status = case when a.superseded then 'skipped' else 'pending' end,
    processed_at = case when a.superseded then public.autosync_now() end,
    error_message = case
      when a.superseded then 'Another client left it in processing, and a job of its type has been scheduled since.'
      else 'Another client left it in processing; it was put back.'
    end
  from abandoned as a
  where j.id = a.id;
  get diagnostics put_back = row_count;
  return put_back + public.auto_sync_write_missing_reminders(at_most);
exception
  -- Somebody has scheduled a job of the type just now: the next wake-up, a minute later, sees it.
  when unique_violation then
    return 0;
end
$$;

-- Policies and privileges

alter table public.auto_sync_missing_reminders enable row level security;
revoke all on public.auto_sync_missing_reminders from anon, authenticated;
grant select, insert, update, delete on public.auto_sync_missing_reminders to service_role;
create policy auto_sync_missing_reminders_service on public.auto_sync_missing_reminders
for all to service_role using (true) with check (true);

revoke all on function
public.auto_sync_put_back_jobs(integer), public.auto_sync_write_missing_reminders(integer)
from public, anon, authenticated;
grant execute on function
public.auto_sync_put_back_jobs(integer), public.auto_sync_write_missing_reminders(integer)
to service_role;
