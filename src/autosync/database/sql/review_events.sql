-- How many calendar events have failed, are in doubt for over an hour, and are late by %(patience)s, each counted to
-- %(enough)s, with one of each and why; idx_auto_sync_events_failed, _due.
select
  f.failed,
  f.example as failed_example,
  f.reason,
  u.doubted,
  u.example as doubted_example,
  d.late,
  d.example as late_example
from (
  select
    count(*) as failed,
    (array_agg(e.sync_id::text order by e.changed_at desc))[1] as example,
    (array_agg(coalesce(e.reason, '') order by e.changed_at desc))[1] as reason
  from (
    select
      sync_id,
      changed_at,
      reason
    from public.auto_sync_events
    where delivery = 'failed'
    order by changed_at desc
    limit %(enough)s
  ) as e
) as f
cross join (
  select
    count(*) as doubted,
    min(e.sync_id::text) as example
  from (
    select sync_id
    from public.auto_sync_events
    where delivery = 'unknown' and failing_since < clock_timestamp() - interval '1 hour'
    limit %(enough)s
  ) as e
) as u
cross join (
  select
    count(*) as late,
    min(e.sync_id::text) as example
  from (
    select sync_id
    from public.auto_sync_events
    where delivery in ('queued', 'unknown')
      and next_attempt_at < (select public.autosync_now()) - %(patience)s::interval
    limit %(enough)s
  ) as e
) as d
