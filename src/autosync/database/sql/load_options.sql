-- The options of each of these syncs as arrays in the order of their numbers; auto_sync_options_auto_sync_id_idx_key.
-- Syncs without any are missing. Each sync's are put together before anything is sorted: grouping all of them by their
-- syncs afterwards loses the order. The offset keeps the look-up from becoming a scan where statistics are missing.
select
  w.sync_id as auto_sync_id,
  a.*
from unnest(%(sync_ids)s::uuid[]) as w (sync_id)
cross join
  lateral (
    select
      array_agg(o.id) as option_ids,
      array_agg(o.idx) as numbers,
      array_agg(o.start_time) as starts,
      array_agg(o.end_time) as ends
    from (
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
  ) as a
where a.option_ids is not null
