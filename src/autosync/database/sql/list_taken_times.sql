-- The times that an organizer has proposed in running and paused syncs, or chosen in completed ones, and that meet the
-- span from %(begins)s to %(ends)s; those without an end count as %(open_end)s long. idx_auto_syncs_organizer_status and
-- auto_sync_options_auto_sync_id_idx_key; the offset keeps the look-up from becoming a scan where statistics are missing.
select
  o.start_time,
  o.end_time,
  s.is_chosen
from (
  select
    y.id,
    y.status = 'completed' as is_chosen,
    y.metadata ->> 'chosen_option_id' as chosen_option_id
  from public.auto_syncs as y
  where y.organizer_id = %(organizer_id)s and y.status in ('running', 'paused', 'completed')
) as s
cross join
  lateral (
    select
      t.id,
      t.start_time,
      coalesce(t.end_time, t.start_time + %(open_end)s) as end_time
    from public.auto_sync_options as t
    where t.auto_sync_id = s.id
    offset 0
  ) as o
where (not s.is_chosen or o.id::text = s.chosen_option_id)
  and o.start_time < %(ends)s
  and o.end_time > %(begins)s
  and o.end_time > o.start_time
order by o.start_time, o.end_time, s.is_chosen
