-- Claims up to %(limit)s events whose time has come, the most overdue first, and marks them as being sent; with what was
-- known of each before; idx_auto_sync_events_due. What somebody else holds is left for later.
-- In which calendar an event goes is settled before anything is sent, and stays so: its id is its own in one only.
-- The limit hides in a sub-select, see claim_due_jobs; the ids are an array made on the spot, see record_results.
with due as (
  select
    e.sync_id,
    e.in_doubt
  from public.auto_sync_events as e
  where e.delivery in ('queued', 'unknown') and e.next_attempt_at <= (select public.autosync_now())
  order by e.next_attempt_at
  limit (select %(limit)s::bigint)
  for no key update skip locked
),

claimed as (
  update public.auto_sync_events as e
  set
    delivery = 'sending',
    in_doubt = true,
    attempt = e.attempt + 1,
    claimed_at = clock_timestamp(),
    calendar_id = coalesce(
      e.calendar_id,
      (select c.calendar_ids[1] from public.auto_sync_calendars as c where c.user_id = e.organizer_id),
      'primary'
    )
  where e.sync_id = any(array(select due.sync_id from due))
  returning
    e.sync_id, e.organizer_id, e.attempt, e.option_id, e.status, e.sequence, e.known_sequence, e.calendar_id,
    e.over_at <= (select public.autosync_now()) as is_over,
    e.claimed_at - coalesce(e.failing_since, e.claimed_at) as failing_for
)

select
  claimed.sync_id,
  claimed.organizer_id,
  claimed.attempt,
  claimed.option_id,
  claimed.status,
  claimed.sequence,
  claimed.known_sequence,
  due.in_doubt,
  claimed.calendar_id,
  claimed.is_over,
  claimed.failing_for
from claimed
inner join due on due.sync_id = claimed.sync_id
