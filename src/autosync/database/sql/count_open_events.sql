-- How many events are due, waiting for their time, being put into a calendar, in doubt or failed, each state counted up
-- to 10,000; idx_auto_sync_events_due, _sending, _failed. The limits hide in sub-selects, see claim_due_jobs.
select
  d.state,
  count(*) as events
from (
  (
    select
      case
        when e.delivery = 'unknown' then 'unknown'
        when e.next_attempt_at <= (select public.autosync_now()) then 'due'
        else 'waiting'
      end as state
    from public.auto_sync_events as e
    where e.delivery in ('queued', 'unknown')
    order by e.next_attempt_at
    limit (select 10000)
  )
  union all
  (
    select 'sending' as state
    from public.auto_sync_events as e
    where e.delivery = 'sending'
    order by e.claimed_at
    limit (select 10000)
  )
  union all
  (
    select 'failed' as state
    from public.auto_sync_events as e
    where e.delivery = 'failed'
    order by e.changed_at
    limit (select 10000)
  )
) as d
group by d.state
