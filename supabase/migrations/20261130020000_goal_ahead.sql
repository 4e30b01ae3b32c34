-- A time that is over is no time that works: it does not meet the response goal any more.

-- Which of these syncs have met their response goal:
--   everyone: every invitee has answered;
--   critical_mass: more than half of the invitees can make the same option, which is not over.
-- Options are counted only where that is the goal, and the clock is read only where one of them has the votes.
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
  where s.id = any(sync_ids)
    and asked.invitees > 0
    and case s.response_goal
      when 'everyone' then asked.answered = asked.invitees
      else exists (
        select
        from public.auto_sync_options as o
        inner join public.auto_sync_responses as r
          on r.auto_sync_id = o.auto_sync_id and r.response_type = 'available' and o.id = any(r.option_ids)
        inner join public.auto_sync_invitees as i on i.auto_sync_id = r.auto_sync_id and i.contact_id = r.contact_id
        where o.auto_sync_id = s.id
        group by o.id
        having
          case
            when count(*) * 2 > asked.invitees
              then max(coalesce(o.end_time, o.start_time)) > (select public.autosync_now())
          end
      )
    end;
end
$$;
