-- The options of these syncs by number; auto_sync_options_auto_sync_id_idx_key. An offset keeps the look-up of each sync from becoming a scan of the
-- table where statistics are old or missing.
select
  w.sync_id as auto_sync_id,
  o.id,
  o.idx,
  o.start_time,
  o.end_time
from unnest(%(sync_ids)s::uuid[]) as w (sync_id)
cross join
  lateral (
    select *
    from public.auto_sync_options
    where auto_sync_id = w.sync_id
    offset 0
  ) as o
order by w.sync_id, o.idx
