-- Whoever adds or moves an option waits for the sync's end to follow: that reads the sync's own rows, however many others
-- there are.
--
-- What a function returns counts as a thousand rows where nothing says otherwise, so that joining it read every job, and
-- by the state of the syncs every running one. As with answers: no scans, and ids in arrays, so that whatever is joined, the
-- sync is there to look its rows up by.

-- Puts auto_end_check at the end of the latest option of each of these syncs, for those that have not ended.
create or replace function public.auto_sync_schedule_ends(sync_ids uuid[]) returns void
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  live pg_catalog.uuid[];
  ending pg_catalog.uuid[];
  ends_at pg_catalog.timestamptz[];
begin
  select array_agg(s.id) filter (where s.status in ('running', 'paused')) into live
  from public.auto_syncs as s
  where s.id = any(sync_ids);

  select array_agg(o.auto_sync_id), array_agg(o.latest) into ending, ends_at
  from (
    select
      o.auto_sync_id,
      greatest('0010-01-01 00:00Z', least('9990-01-01 00:00Z', max(coalesce(o.end_time, o.start_time)))) as latest
    from public.auto_sync_options as o
    where o.auto_sync_id = any(live)
    group by o.auto_sync_id
  ) as o;

  if ending is null then
    return;
  end if;

  -- A finished job that stands at the same moment makes room: unique (sync_id, job_type, scheduled_at).
  delete from public.job_queue as j
  using unnest(ending, ends_at) as e (sync_id, at)
  where j.sync_id = any(ending) and j.sync_id = e.sync_id and j.job_type = 'auto_end_check' and j.scheduled_at = e.at
    and j.status <> 'pending';

  update public.job_queue as j
  set scheduled_at = e.at
  from unnest(ending, ends_at) as e (sync_id, at)
  where j.sync_id = any(ending) and j.sync_id = e.sync_id and j.job_type = 'auto_end_check' and j.status = 'pending'
    and j.scheduled_at <> e.at;

  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select e.sync_id, 'auto_end_check', e.at
  from unnest(ending, ends_at) as e (sync_id, at)
  on conflict do nothing;
end
$$;
-- Nobody else called it, and no API role but the service could.
-- squawk-ignore ban-drop-function
drop function public.auto_sync_ends(uuid[]);

-- These read by sync as they are.
alter function public.jobs_follow_options() set plan_cache_mode = force_generic_plan;
alter function public.jobs_follow_options() set enable_seqscan = off;
alter function public.auto_sync_event_follows_option() set plan_cache_mode = force_generic_plan;
alter function public.auto_sync_event_follows_option() set enable_seqscan = off;
alter function public.auto_sync_keep_event(uuid) set plan_cache_mode = force_generic_plan;
alter function public.auto_sync_keep_event(uuid) set enable_seqscan = off;
