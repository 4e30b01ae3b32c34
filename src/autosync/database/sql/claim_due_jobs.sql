-- Up to %(limit)s due jobs with their syncs, oldest first, both locked; idx_job_queue_due, or the primary key where
-- the jobs are chosen by id (null: any). From %(since)s on, null: from the first; while somebody holds an old snapshot,
-- the entries of all jobs that are done stay in the index, and a claim from the first wades through them.
-- A job that somebody else has, or whose sync somebody else has, is left for the next round: nobody waits. The sync is
-- locked first: what is passed over keeps the lock that it got before, and a job without its sync would make others wait.
-- How long the transaction may be left alone is set once, before the first of its locks is known to us: see left_alone.
-- The limit hides in a sub-select: not knowing it, the planner walks the index in order, also where missing statistics
-- would have it fetch and sort all that is due.
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
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
inner join public.profiles as p on p.id = s.organizer_id
where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
  and (%(since)s::timestamptz is null or j.scheduled_at >= %(since)s::timestamptz)
  and (%(job_ids)s::uuid[] is null or j.id = any(%(job_ids)s::uuid[]))
order by j.scheduled_at
limit (select %(limit)s::bigint)
for no key update of s, j skip locked
