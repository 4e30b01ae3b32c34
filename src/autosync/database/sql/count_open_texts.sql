-- How many texts are due to leave, held until later, being sent, unknown, or were sent within the last hour, each
-- status counted to %(enough)s; idx_auto_sync_messages_queued, _in_flight, _sent_at.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  d.state,
  count(*) as texts
from (
  (
    select case when m.send_after <= (select public.autosync_now()) then 'due' else 'held' end as state
    from public.auto_sync_messages as m
    where m.status = 'queued'
    order by coalesce(m.turn_at, m.send_after)
    limit (select %(enough)s::bigint)
  )
  union all
  (
    select m.status as state
    from public.auto_sync_messages as m
    where m.status in ('sending', 'unknown')
    order by m.claimed_at
    limit (select %(enough)s::bigint)
  )
  union all
  (
    select 'sent' as state
    from public.auto_sync_messages as m
    where m.sent_at > (select public.autosync_now()) - interval '1 hour' and m.status in ('sent', 'delivered')
    order by m.sent_at desc
    limit (select %(enough)s::bigint)
  )
) as d
group by d.state
