-- One job, or all jobs of one sync (null: any), with the sync and what tells why each has or has not run; primary keys,
-- job_queue_sync_id_job_type_scheduled_at_key, idx_job_queue_due, idx_job_queue_cleanup and job_batches_pkey. Who did
-- it is told by the moment of its batch, and when it was written on the project's clock.
select
  j.id,
  j.job_type,
  j.status,
  j.scheduled_at,
  j.processed_at,
  j.error_message as reason,
  j.sync_id,
  s.event_name,
  s.status::text as sync_status,
  coalesce(f.attempt, 0) as attempts,
  f.failed_at,
  f.error_message as error,
  (
    select count(*)
    from public.job_queue as d
    where d.status = 'pending' and d.scheduled_at <= (select public.autosync_now()) and d.scheduled_at < j.scheduled_at
  ) as due_before,
  (select max(d.processed_at) from public.job_queue as d where d.status = 'processed') as last_done_at,
  public.autosync_now() as now,
  j.created_at + (public.autosync_now() - now()) as created_at,
  f.taken_by,
  (
    select string_agg(b.taken_by, ' or ' order by b.taken_by)
    from public.job_batches as b
    where b.done_at = j.processed_at
  ) as done_by
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
left join lateral (
  select
    a.attempt,
    a.failed_at,
    a.error_message,
    a.taken_by
  from public.job_failures as a
  where a.job_id = j.id
  order by a.attempt desc
  limit 1
) as f on true
where (%(job_id)s::uuid is null or j.id = %(job_id)s::uuid)
  and (%(sync_id)s::uuid is null or j.sync_id = %(sync_id)s::uuid)
order by coalesce(j.processed_at, j.scheduled_at), j.id
