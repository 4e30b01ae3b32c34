-- Who did the jobs that went well, for whoever asks: a row for each batch that was committed. A job finds its own by the
-- moment at which it was done, which is that of the batch's transaction; nothing is decided by it. The queue itself keeps
-- its columns: other clients know them.
--
-- A type with a length, as of the other columns of this name, since that never changes.
-- squawk-ignore-file prefer-text-field

-- Tables

create table public.job_batches (
  done_at timestamptz not null, -- on the project's clock
  taken_by varchar(400) not null, -- host:process
  primary key (done_at, taken_by)
);

-- Functions

-- Deletes jobs that were done or skipped three days ago, and who did them; returns how many jobs.
create or replace function public.cleanup_auto_sync_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  batch integer;
  deleted integer := 0;
begin
  loop
    -- The array is made once: a plan that asked for the batch twice would delete more than one.
    delete from public.job_queue
    where id = any(array(
        select j.id
        from public.job_queue as j
        where j.status in ('processed', 'skipped')
          and j.processed_at < (select public.autosync_now()) - interval '72 hours'
        order by j.processed_at
        limit 1000
        for update skip locked
      ));
    get diagnostics batch = row_count;
    deleted := deleted + batch;
    exit when batch < 1000;
  end loop;
  delete from public.job_batches where done_at < (select public.autosync_now()) - interval '72 hours';
  perform public.auto_sync_prune_cron_runs();
  return deleted;
end
$$;

-- Policies and privileges

alter table public.job_batches enable row level security;
revoke all on public.job_batches from anon, authenticated;
grant select, insert, update, delete on public.job_batches to service_role;
create policy job_batches_service on public.job_batches
for all to service_role using (true) with check (true);
