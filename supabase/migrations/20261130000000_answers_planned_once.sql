-- Whoever answers waits for what hangs on the row: it is planned once a session, and run only where there is an answer.

-- An insert that turns out to be an update fires both triggers, one of them with nothing. What is read is read by sync,
-- so that planning anew for each answer gains nothing and costs more than the answer. A session keeps its plan: one that
-- was made while a table was empty must not scan what the table has become.
create or replace function public.pause_check_follows_answers() returns trigger
language plpgsql security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  met pg_catalog.uuid[];
begin
  if not exists (select from changed) then
    return null;
  end if;

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
