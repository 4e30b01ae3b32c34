-- The options of each of these syncs as arrays in the order of their numbers; auto_sync_options_auto_sync_id_idx_key.
-- Syncs without any are missing. An offset keeps the look-up of each sync from becoming a scan of the table where
-- statistics are old or missing.
select
  w.sync_id as auto_sync_id,
  array_agg(o.id) as option_ids,
  array_agg(o.idx) as numbers,
  array_agg(o.start_time) as starts,
  array_agg(o.end_time) as ends
from unnest(%(sync_ids)s::uuid[]) as w (sync_id)
cross join
  lateral (
    select
      id,
      idx,
      start_time,
      end_time
    from public.auto_sync_options
    where auto_sync_id = w.sync_id
    order by idx
    offset 0
  ) as o
group by w.sync_id
