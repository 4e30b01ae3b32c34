-- Deletes up to %(limit)s events of syncs that are gone and of which nothing is left to do: they were called off, are in
-- no calendar or over, or have failed for a month; idx_auto_sync_events_orphaned. Returns how many. What has still to be
-- taken out of a calendar that is lost waits for it to be connected again.
delete from public.auto_sync_events
where sync_id = any(array(
    select e.sync_id
    from public.auto_sync_events as e
    where e.orphaned_at is not null
      and (
        e.delivery = 'sent'
        or (
          e.delivery = 'none'
          and ((e.known_sequence is null and not e.in_doubt) or e.over_at <= (select public.autosync_now()))
        )
        or (e.delivery = 'failed' and e.orphaned_at < (select public.autosync_now()) - interval '720 hours')
      )
    limit (select %(limit)s::bigint)
    for update skip locked
  ))
