-- Keeping an event named a type without its schema. A trigger with the owner's rights calls it, and a type of that name in
-- the caller's own temporary schema comes first, whatever the search path says: its checks, the caller's code, would have
-- run with those rights. Nothing else is changed.

create or replace function public.auto_sync_keep_event(sync pg_catalog.uuid) returns void
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
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
  where s.id = sync and s.status = 'completed' and o.id::pg_catalog.text = lower(s.metadata ->> 'chosen_option_id')
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
