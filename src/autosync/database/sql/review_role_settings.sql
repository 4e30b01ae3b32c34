-- The settings that can cut our work short, in seconds (default_transaction_read_only: 1 for on), for new sessions of
-- who is asking, and as written for service_role in this database; pg_settings, pg_db_role_setting.
select
  session_user::text as role_name,
  s.name,
  case when s.vartype = 'bool' then (s.reset_val = 'on')::integer else s.reset_val::float8 / 1000 end::float8 as seconds
from pg_catalog.pg_settings as s
where s.name in (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout',
    'default_transaction_read_only'
  )

union

select
  r.rolname::text as role_name,
  split_part(c.setting, '=', 1) as name,
  case
    when split_part(c.setting, '=', 2) ~ '^\d+$' then split_part(c.setting, '=', 2)::float8 / 1000
    when split_part(c.setting, '=', 2) ~* '^(on|true|yes)$' then 1
    when split_part(c.setting, '=', 2) ~* '^(off|false|no)$' then 0
    else extract(epoch from split_part(c.setting, '=', 2)::interval)
  end::float8 as seconds
from pg_catalog.pg_db_role_setting as d
inner join pg_catalog.pg_roles as r on r.oid = d.setrole
cross join unnest(d.setconfig) as c (setting)
where r.rolname = 'service_role' and d.setrole <> session_user::regrole
  and d.setdatabase in (0, (select b.oid from pg_catalog.pg_database as b where b.datname = current_database()))
  and split_part(c.setting, '=', 1) in (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout',
    'default_transaction_read_only'
  )
order by 1, 2
