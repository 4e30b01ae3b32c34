-- Keeps how late each job is when its transaction commits, in a table that the peers' handlers write to themselves.
create table public.bench_lateness (late interval not null);

create function public.bench_note_lateness() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.bench_lateness (late) values (pg_catalog.clock_timestamp() - new.scheduled_at);
  return null;
end;
$$;

create constraint trigger bench_note_lateness
after update on public.job_queue
deferrable initially deferred
for each row when (old.status = 'pending' and new.status = 'processed')
execute function public.bench_note_lateness();
