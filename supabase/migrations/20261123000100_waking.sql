-- pg_cron wakes Auto Sync once a minute. The database only counts what is due; whoever serves the function endpoint
-- does it, called through pg_net with URL and key from the Vault. Each of the three extensions may be missing, now or
-- later: what is due is counted all the same.
--
-- Who wins where two wake-ups meet: the only row of auto_sync_wake_ups is a turnstile. Whoever locks it may call, and
-- whoever finds it locked leaves at once. A call that has not been answered keeps the next one back for 45 seconds,
-- the time-out of a call and a little more, and no longer, since pg_net may lose one. What it has not sent by then
-- is taken back, so that a pg_net that was down does not send a heap of calls once it is up.
--
-- All functions run with their caller's rights: pg_cron's job is its owner's, the API's is service_role's.

-- Tables

create table public.auto_sync_wake_ups (
  only_row boolean primary key default true check (only_row),
  called_at timestamptz, -- the last call, on the server's own clock, which no demo moves
  request_id bigint, -- pg_net's; missing where it refused
  error_code text -- the SQLSTATE with which pg_net or the Vault refused
);

insert into public.auto_sync_wake_ups default values;

-- Functions

-- Production may have its own by these names, returning something else; whoever runs them by name keeps working.
-- squawk-ignore ban-drop-function
drop function if exists public.process_auto_sync_jobs();
-- squawk-ignore ban-drop-function
drop function if exists public.cleanup_auto_sync_jobs();

-- Puts back jobs that another client took and left for half an hour after they were due; returns how many, which is
-- `at_most` if there may be more; idx_job_queue_processing. Where a job of the type has been scheduled since, the
-- abandoned one is skipped instead.
create function public.auto_sync_put_back_jobs(at_most integer default 1000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  put_back integer;
begin
  with abandoned as (
    select
      j.id,
      row_number() over (partition by j.sync_id, j.job_type order by j.scheduled_at, j.id) > 1
      or exists (
        select from public.job_queue as p
        where p.sync_id = j.sync_id and p.job_type = j.job_type and p.status = 'pending'
      ) as superseded
    from (
      select *
      from public.job_queue
      where status = 'processing' and scheduled_at < (select public.autosync_now()) - interval '30 minutes'
      order by scheduled_at
      limit at_most
      for update skip locked
    ) as j
  )

  update public.job_queue as j
  set
    status = case when a.superseded then 'skipped' else 'pending' end,
    processed_at = case when a.superseded then public.autosync_now() end,
    error_message = case
      when a.superseded then 'Another client left it in processing, and a job of its type has been scheduled since.'
      else 'Another client left it in processing; it was put back.'
    end
  from abandoned as a
  where j.id = a.id;
  get diagnostics put_back = row_count;
  return put_back;
exception
  -- Somebody has scheduled a job of the type just now: the next wake-up, a minute later, sees it.
  when unique_violation then
    return 0;
end
$$;

-- Whether a dispatcher has something to do: a text whose turn has come, one that is to be looked up at its gateway, or
-- one whose dispatcher has not reported back within its lease.
create function public.auto_sync_texts_are_due() returns boolean
language sql stable
set search_path = ''
as $$
  select
    exists (
      select from public.auto_sync_messages as m
      where m.status = 'queued' and m.send_after <= (select public.autosync_now())
        and coalesce(m.turn_at, m.send_after) <= (select public.autosync_now()) + interval '10 minutes'
    )
    or exists (
      select from public.auto_sync_messages as m
      where m.status = 'unknown' and m.send_after <= (select public.autosync_now())
    )
    or exists (
      select from public.auto_sync_messages as m
      where m.status = 'sending' and m.claimed_at < clock_timestamp() - interval '60 seconds'
    )
$$;

-- Whether pg_net and the Vault are there, and the caller may use them.
create function public.auto_sync_can_call() returns boolean
language plpgsql stable
set search_path = ''
as $$
begin
  -- In this order: a name in a schema that the caller may not use cannot even be looked up.
  if has_schema_privilege(to_regnamespace('net'), 'usage') and has_schema_privilege(to_regnamespace('vault'), 'usage')
  then
    return to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is not null
      and coalesce(has_table_privilege(to_regclass('vault.decrypted_secrets'), 'select'), false);
  end if;
  return false;
end
$$;

-- The tables of extensions are named by regclass, so that these functions stand where there are no such tables.

-- Whether pg_net has an answer to this call, be it that there was none in time.
create function public.auto_sync_call_is_answered(request_id bigint) returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  answers constant regclass := to_regclass('net._http_response');
  answered boolean := false;
begin
  if has_table_privilege(answers, 'select') then
    execute format('select exists (select from %s as r where r.id = $1)', answers) into answered using request_id;
  end if;
  return answered;
end
$$;

-- Takes a call back that pg_net has not sent and is not sending now.
create function public.auto_sync_take_back_call(request_id bigint) returns void
language plpgsql
set search_path = ''
as $$
declare
  queue constant regclass := to_regclass('net.http_request_queue');
begin
  if has_table_privilege(queue, 'select') and has_table_privilege(queue, 'update')
    and has_table_privilege(queue, 'delete')
  then
    execute format(
      'delete from %1$s where id in (select q.id from %1$s as q where q.id = $1 for update skip locked)', queue
    ) using request_id;
  end if;
end
$$;

-- Calls the function endpoint unless a call is on its way; returns pg_net's id of the call, null for no call.
-- The key is only ever a bound value: it stands in no statement. What pg_net or the Vault say as they refuse may
-- contain it, so only their SQLSTATE is passed on.
create function public.auto_sync_call_endpoint() returns bigint
language plpgsql
set search_path = ''
as $$
declare
  previous public.auto_sync_wake_ups;
  url text;
  bearer text;
  call bigint;
  refusal text;
begin
  if not public.auto_sync_can_call() then
    return null;
  end if;

  if not exists (select from public.auto_sync_wake_ups) then -- somebody has emptied the table
    insert into public.auto_sync_wake_ups default values on conflict do nothing;
  end if;
  select w.* into previous from public.auto_sync_wake_ups as w for no key update skip locked;
  if not found then
    return null; -- another wake-up is calling at this moment
  end if;
  if previous.request_id is not null and previous.called_at > clock_timestamp() - interval '45 seconds'
    and not public.auto_sync_call_is_answered(previous.request_id)
  then
    return null; -- the last call is still on its way
  end if;

  begin
    execute format(
      'select max(s.decrypted_secret) filter (where s.name = $1),'
      ' ''Bearer '' || max(s.decrypted_secret) filter (where s.name = $2)'
      ' from %s as s where s.name in ($1, $2)',
      to_regclass('vault.decrypted_secrets')
    )
    into url, bearer using 'auto_sync_function_url', 'auto_sync_service_key';
    if url is null or bearer is null then
      return null;
    end if;
    perform public.auto_sync_take_back_call(previous.request_id);
    execute format(
      'select %s(url := $1, headers := $2, body := ''{}'', timeout_milliseconds := 40000)', 'net.http_post'
    )
    into call
    using url, jsonb_build_object('Content-Type', 'application/json', 'Authorization', bearer);
  exception
    when others then
      refusal := sqlstate;
      raise warning 'pg_net or the Vault refused the call of the function endpoint (SQLSTATE %)', sqlstate;
  end;

  update public.auto_sync_wake_ups as w
  set called_at = clock_timestamp(), request_id = call, error_code = refusal
  where w.only_row;
  return call;
end
$$;

-- What pg_cron runs every minute: returns how many jobs are due, and calls the function endpoint if any is, or if a
-- text is. With nothing to do it calls nobody.
create function public.process_auto_sync_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  due integer;
begin
  perform public.auto_sync_put_back_jobs();
  select count(*)::integer into due
  from public.job_queue as j
  where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now());
  if due > 0 or public.auto_sync_texts_are_due() then
    perform public.auto_sync_call_endpoint();
  end if;
  return due;
end
$$;

-- pg_cron keeps every run for ever, which is 1,440 rows a day: those of our two jobs go after three days, on the
-- server's own clock. Their commands tell runs of jobs that have been removed since.
create function public.auto_sync_prune_cron_runs() returns void
language plpgsql
set search_path = ''
as $$
declare
  runs regclass;
begin
  if has_schema_privilege(to_regnamespace('cron'), 'usage') then
    runs := to_regclass('cron.job_run_details');
  end if;
  if has_table_privilege(runs, 'delete') then
    execute format(
      'delete from %s'
      ' where database = current_database() and coalesce(end_time, start_time) < now() - interval ''72 hours'''
      '   and command ~ ''^select (public\.)?(process|cleanup)_auto_sync_jobs\(\);?$''',
      runs
    );
  end if;
end
$$;

-- What pg_cron runs once a day: deletes jobs that were done or skipped three days ago or earlier, with what is kept of
-- their failed attempts; returns how many. `autosync cleanup` does the same, batch by batch.
create function public.cleanup_auto_sync_jobs() returns integer
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
  perform public.auto_sync_prune_cron_runs();
  return deleted;
end
$$;

-- Policies and privileges

alter table public.auto_sync_wake_ups enable row level security;
revoke all on public.auto_sync_wake_ups from anon, authenticated, service_role;
grant select, insert, update on public.auto_sync_wake_ups to service_role;
create policy auto_sync_wake_ups_service on public.auto_sync_wake_ups
for all to service_role using (true) with check (true);

revoke all on function
public.process_auto_sync_jobs(), public.cleanup_auto_sync_jobs(), public.auto_sync_put_back_jobs(integer),
public.auto_sync_texts_are_due(), public.auto_sync_can_call(), public.auto_sync_call_is_answered(bigint),
public.auto_sync_take_back_call(bigint), public.auto_sync_call_endpoint(), public.auto_sync_prune_cron_runs()
from public, anon, authenticated;
grant execute on function
public.process_auto_sync_jobs(), public.cleanup_auto_sync_jobs(), public.auto_sync_put_back_jobs(integer),
public.auto_sync_texts_are_due(), public.auto_sync_can_call(), public.auto_sync_call_is_answered(bigint),
public.auto_sync_take_back_call(bigint), public.auto_sync_call_endpoint(), public.auto_sync_prune_cron_runs()
to service_role;
