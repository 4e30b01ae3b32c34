-- Lets pg_cron wake Auto Sync on Supabase: for the SQL editor, after the migrations. It does what
-- `autosync cron install --url ...` does, and may be run again, for instance with another address.
--
-- 1. Switch on pg_net under Database, Extensions.
-- 2. Under Integrations, Vault, add the secret auto_sync_service_key with the key that the function endpoint asks for.
--    It does not belong in here, since the editor keeps what was run in it.
-- 3. Put the address of your function endpoint in below, and run all of this.

create extension if not exists pg_cron with schema pg_catalog;

do $$
declare
  endpoint constant text := 'PUT THE ADDRESS IN HERE'; -- https://.../functions/v1/process-auto-sync-jobs
  known uuid;
begin
  if endpoint !~ '^https?://[^/]+/.+' then
    raise exception 'Put the whole address of the function endpoint in first.';
  end if;

  -- One that is switched off or that runs as somebody else makes room.
  perform cron.unschedule(j.jobid)
  from cron.job as j
  where j.database = current_database() and j.jobname in ('process-auto-sync-jobs', 'cleanup-auto-sync-jobs')
    and not (j.active and j.username = current_user);
  perform cron.schedule('process-auto-sync-jobs', '* * * * *', 'select public.process_auto_sync_jobs()');
  perform cron.schedule('cleanup-auto-sync-jobs', '17 3 * * *', 'select public.cleanup_auto_sync_jobs()');

  select s.id into known from vault.secrets as s where s.name = 'auto_sync_function_url';
  if found then
    perform vault.update_secret(known, endpoint);
  else
    perform vault.create_secret(
      endpoint, 'auto_sync_function_url', 'Auto Sync: the address of its function endpoint'
    );
  end if;
end
$$;

-- All three should be true.
select
  (
    select count(*) = 2
    from cron.job as j
    where j.active and j.jobname in ('process-auto-sync-jobs', 'cleanup-auto-sync-jobs')
  ) as jobs_are_scheduled,
  to_regnamespace('net') is not null as pg_net_is_on,
  (
    select count(*) = 2
    from vault.secrets as s
    where s.name in ('auto_sync_function_url', 'auto_sync_service_key')
  ) as vault_has_both;
