-- Up to about %(limit)s due jobs with their syncs, in place of src/autosync/database/sql/claim_due_jobs.sql: same
-- parameters, same columns. Row locks over several nodes are refused, so jobs are locked by an update that changes
-- nothing, in a slice of the syncs that nobody else has. Slices are taken at random and let go with the transaction;
-- where each is in other hands, nothing is claimed. Jobs due at the same moment as the last one come with it.
-- The syncs are not locked: whoever swaps this in locks them in a second statement, before anything is decided.
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

update public.job_queue as j
set status = j.status
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
where s.id = j.sync_id
  and j.status = 'pending'
  and j.scheduled_at <= (select scheduled_at from last)
  and (%(since)s::timestamptz is null or j.scheduled_at >= %(since)s::timestamptz)
  and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
  and hashtext(j.sync_id::text) & 63 = (select number from slice)
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
