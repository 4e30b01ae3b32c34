-- Deletes up to %(limit)s events of syncs that are gone and of which nothing is left to do: they were called off, or are
-- in no calendar, or have failed for a month; idx_auto_sync_events_orphaned. Returns how many.
delete from public.auto_sync_events
where sync_id = any(array(
    select e.sync_id
    from public.auto_sync_events as e
    where e.orphaned_at is not null
      and (
        e.delivery in ('sent', 'none')
        or (e.delivery = 'failed' and e.orphaned_at < (select public.autosync_now()) - interval '720 hours')
      )
    limit (select %(limit)s::bigint)
    for update skip locked
  ))
