-- A sync that another client lets go on after it had ended gets its end again, which its end had taken from it.

-- Puts auto_end_check at the end of the latest option of each of these syncs, for those that have not ended.
create function public.auto_sync_schedule_ends(sync_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
begin
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
end
$$;
revoke all on function public.auto_sync_schedule_ends(uuid[]) from public, anon, authenticated, service_role;

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

  perform public.auto_sync_schedule_ends(sync_ids);
  return null;
end
$$;

-- A sync that leaves running makes its pending reminder and pause check skipped, one that ends all of its jobs.
-- One that goes from paused back to running is reminded at once; one that goes on after it had ended, only ends again.
create or replace function public.jobs_follow_status() returns trigger
language plpgsql security definer
set search_path = ''
as $$
declare
  reopened pg_catalog.uuid[];
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

  reopened := array(
    select after.id
    from changed_to as after
    inner join changed_from as before on before.id = after.id
    where before.status in ('stopped', 'completed') and after.status in ('running', 'paused')
  );
  if reopened <> '{}' then
    perform public.auto_sync_schedule_ends(reopened);
  end if;
  return null;
end
$$;
