-- What there is to wake the processor with: pg_cron (its version; whether the server has it, has loaded it, into which
-- database, null if that may not be known; whether its scheduler runs), pg_net, the Vault; catalogs only.
select
  (select e.extversion from pg_catalog.pg_extension as e where e.extname = 'pg_cron') as version,
  (select count(*) > 0 from pg_catalog.pg_available_extensions as a where a.name = 'pg_cron') as is_available,
  case
    when pg_has_role(current_user, 'pg_read_all_settings', 'usage') then current_setting('cron.database_name', true)
  end as cron_database,
  pg_has_role(current_user, 'pg_read_all_settings', 'usage') as knows_settings,
  current_database()::text as database_name,
  (
    select count(*) > 0 from pg_catalog.pg_stat_activity as s where s.application_name = 'pg_cron scheduler'
  ) as scheduler_runs,
  case
    when has_schema_privilege(to_regnamespace('net'), 'usage')
      then to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is not null
    else false
  end as has_pg_net,
  case
    when has_schema_privilege(to_regnamespace('vault'), 'usage') then to_regclass('vault.secrets') is not null
    else false
  end as has_vault
