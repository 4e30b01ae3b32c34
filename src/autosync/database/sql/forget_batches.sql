-- Forgets up to %(limit)s batches of three days ago, whose jobs housekeeping deletes, too; job_batches_pkey.
delete from public.job_batches
where ctid = any(array(
    select b.ctid from public.job_batches as b
    where b.done_at < (select public.autosync_now()) - interval '72 hours'
    order by b.done_at
    limit (select %(limit)s::bigint)
    for update skip locked
  ))
