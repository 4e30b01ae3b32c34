-- Up to %(limit)s due jobs with their syncs, oldest first, in place of src/autosync/database/sql/claim_due_jobs.sql:
-- same parameters, same columns. Row locks over several nodes are refused on Citus, so rows are held by updates that
-- change nothing: first the syncs, as everybody does who touches jobs, then their jobs, which also shows what became of
-- them since the statement began. A sync that somebody else has is waited for.
-- So that workers do not wait for each other, each takes slices of the syncs, by a hash of their ids: only slices that
-- have due jobs and that nobody else has, the one with the oldest job first, and no more than fill the batch. They are
-- let go with the transaction. None is left: nothing is claimed. All workers must ask the same coordinator.
-- Where the last claim ended (since) is of no use here: how far one slice was worked off says nothing of the others.
with waiting as materialized (
  select
    hashtext(j.sync_id::text) & 63 as slice,
    min(j.scheduled_at) as oldest,
    count(*) as jobs
  from public.job_queue as j
  where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
    and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
  group by hashtext(j.sync_id::text) & 63
),

mine as materialized (
  select free.slice
  from (select w.slice from waiting as w order by w.oldest offset 0) as free
  where pg_try_advisory_xact_lock(hashtext('claim_due_jobs'), free.slice)
  limit (select greatest(1, ceil(%(limit)s::bigint * count(*) / sum(w.jobs)))::bigint from waiting as w)
),

chosen as materialized (
  select
    j.id,
    j.sync_id
  from public.job_queue as j
  where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
    and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
    and hashtext(j.sync_id::text) & 63 = any(array(select mine.slice from mine))
  order by j.scheduled_at
  limit %(limit)s::bigint
),

held as (
  update public.auto_syncs as s
  set status = s.status
  from chosen as c
  where s.id = c.sync_id
  returning s.id, s.organizer_id, s.status, s.event_name, s.event_location, s.timezone, s.response_goal
),

claimed as (
  update public.job_queue as j
  set status = j.status
  from held as h
  where j.sync_id = h.id and j.id = any(array(select c.id from chosen as c))
    and j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
  returning j.id, j.job_type, j.sync_id, j.scheduled_at
)

select
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
  j.scheduled_at,
  (select set_config('idle_in_transaction_session_timeout', %(left_alone)s, true)) as left_alone
from claimed as j
inner join held as s on s.id = j.sync_id
inner join public.profiles as p on p.id = s.organizer_id
order by j.scheduled_at
