-- The options of these syncs by number; auto_sync_options_auto_sync_id_idx_key. Times beyond what a calendar holds,
-- infinity among them, are brought to its edge.
select
  o.auto_sync_id,
  o.id,
  o.idx,
  greatest(least(o.start_time, timestamptz '9990-01-01 00:00+00'), timestamptz '0010-01-01 00:00+00') as start_time,
  case
    when o.end_time is not null
      then greatest(least(o.end_time, timestamptz '9990-01-01 00:00+00'), timestamptz '0010-01-01 00:00+00')
  end as end_time
from public.auto_sync_options as o
where o.auto_sync_id = any(%(sync_ids)s::uuid[])
order by o.auto_sync_id, o.idx
