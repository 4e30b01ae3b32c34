-- Up to about %(limit)s due jobs with their syncs, in place of src/autosync/database/sql/claim_due_jobs.sql: same
-- parameters, same columns, and nothing else cares. Row locks over several nodes are refused there, so the syncs are
-- locked by an update that changes nothing; whoever touches a job holds the lock of its sync. Only the first due job of
-- a sync comes. It looks in a slice of the syncs that nobody else has: slices are taken at random and let go with the
-- transaction, and where each is in other hands, nothing is claimed. A sync that somebody else has is waited for.
-- Jobs due at the same moment as the last one come with it.
with slice as materialized (
  select f.number
  from (select n.number from generate_series(0, 63) as n (number) order by random() offset 0) as f
  where pg_try_advisory_xact_lock(hashtext('claim_due_jobs'), f.number)
  limit 1
),

last as materialized (
  select max(oldest.scheduled_at) as scheduled_at
  from (
    select j.scheduled_at
    from public.job_queue as j
    where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
      and (%(since)s::timestamptz is null or j.scheduled_at >= %(since)s::timestamptz)
      and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
      and hashtext(j.sync_id::text) & 63 = (select number from slice)
    order by j.scheduled_at
    limit (select %(limit)s::bigint)
  ) as oldest
)

update public.auto_syncs as s
set status = s.status
from public.job_queue as j, public.profiles as p
where s.id = j.sync_id
  and p.id = s.organizer_id
  and j.status = 'pending'
  and j.scheduled_at <= (select scheduled_at from last)
  and (%(since)s::timestamptz is null or j.scheduled_at >= %(since)s::timestamptz)
  and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
  and hashtext(j.sync_id::text) & 63 = (select number from slice)
  and not exists (
    select from public.job_queue as before
    where before.sync_id = j.sync_id and before.status = 'pending' and before.scheduled_at < j.scheduled_at
  )
returning
  j.id,
  j.job_type,
  j.sync_id,
  s.status::text as sync_status,
  left(s.event_name, 400) as event_name,
  left(s.event_location, 400) as event_location,
  coalesce(nullif(s.timezone, ''), nullif(p.preferred_timezone, ''), 'UTC') as timezone,
  s.response_goal::text as response_goal,
  p.first_name,
  p.last_name,
  j.scheduled_at
