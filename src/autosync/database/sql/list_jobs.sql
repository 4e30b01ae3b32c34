-- Up to %(limit)s jobs: of one sync (its unique key), in one state (the state's partial index), of one type, or all.
-- What is yet to be done comes first, the most overdue on top; then what is done, the latest first.
select
  j.id,
  j.sync_id,
  s.event_name,
  j.job_type,
  j.status,
  j.scheduled_at,
  j.processed_at,
  j.error_message
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
where (%(status)s::text is null or j.status = %(status)s::text)
  and (%(sync_id)s::uuid is null or j.sync_id = %(sync_id)s::uuid)
  and (%(job_type)s::text is null or j.job_type = %(job_type)s::text)
order by
  case when j.status in ('processed', 'skipped') then null else j.scheduled_at end,
  j.scheduled_at desc,
  j.id
limit %(limit)s
