-- Whoever answers waits for what hangs on the row: it is planned once a session, and run only where there is an answer.
--
-- A handful of ids is planned for anew each time, which costs more than the answer, and what is read is read by sync in
-- any case. A plan may have been made while a table was all but empty, when any index will do, and must serve when it
-- has grown: hence no scans, and nothing in `where` beside the sync that another index holds. A table that is read without
-- an index of its own would make these statements dear enough to be compiled (jit) each time.

-- As before, but in plpgsql: before PostgreSQL 18 no plan of an SQL function outlives its call.
create or replace function public.syncs_with_goal_met(sync_ids uuid[]) returns setof uuid
language plpgsql stable rows 1
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
begin
  return query
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
    end;
end
$$;

-- An insert with `on conflict do update` fires both triggers, whatever it comes to; one of them has nothing to look at.
create or replace function public.pause_check_follows_answers() returns trigger
language plpgsql security definer
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
as $$
declare
  sync_ids pg_catalog.uuid[] := array(select distinct c.auto_sync_id from changed as c);
  running pg_catalog.uuid[];
  met pg_catalog.uuid[];
begin
  if sync_ids = '{}' then
    return null;
  end if;

  perform from public.auto_syncs as s
  where s.id = any(sync_ids)
  order by s.id
  for no key update;

  select array_agg(s.id) filter (where s.status = 'running') into running
  from public.auto_syncs as s
  where s.id = any(sync_ids);

  if running is null then
    return null;
  end if;

  select array_agg(g.id) into met
  from public.syncs_with_goal_met(running) as g (id)
  where not exists (
    select from public.auto_sync_messages as m
    where m.auto_sync_id = g.id and m.message_type = 'goal_met'
  );

  if met is null then
    return null;
  end if;

  update public.job_queue as j
  set scheduled_at = least(j.scheduled_at, public.autosync_now())
  where j.sync_id = any(met) and j.job_type = 'pause_check_48h' and j.status = 'pending';

  insert into public.job_queue (sync_id, job_type, scheduled_at)
  select m.id, 'pause_check_48h', public.autosync_now()
  from unnest(met) as m (id)
  on conflict do nothing;
  return null;
end
$$;
