-- For each sync what changes whenever a row of it does, and for each organizer what changes whenever a sync of theirs
-- begins, ends or goes: xmin is another one after every update. Primary keys, idx_auto_sync_options_auto_sync_id (or
-- its unique key), idx_auto_sync_messages_auto_sync_id, idx_job_queue_sync,
-- auto_sync_events_pkey, idx_auto_syncs_organizer_status.
select
  s.id,
  concat_ws(
    ' ', s.xmin,
    (
      select count(*) || ' ' || coalesce(sum(o.xmin::text::bigint), 0)
      from public.auto_sync_options as o where o.auto_sync_id = s.id
    ),
    (
      select count(*) || ' ' || coalesce(sum(r.xmin::text::bigint), 0)
      from public.auto_sync_responses as r where r.auto_sync_id = s.id
    ),
    (
      select count(*) || ' ' || coalesce(sum(m.xmin::text::bigint), 0)
      from public.auto_sync_messages as m where m.auto_sync_id = s.id
    ),
    (
      select count(*) || ' ' || coalesce(sum(j.xmin::text::bigint), 0)
      from public.job_queue as j where j.sync_id = s.id
    ),
    (select e.xmin from public.auto_sync_events as e where e.sync_id = s.id)
  ) as fingerprint
from public.auto_syncs as s
where s.id = any(%(sync_ids)s)
union all
select
  u.id,
  (
    select concat_ws(' ', count(*), max(a.created_at))
    from public.auto_syncs as a where a.organizer_id = u.id
  )
from unnest(%(organizer_ids)s::uuid[]) as u (id)
