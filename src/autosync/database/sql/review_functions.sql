-- Functions of schema public: whose rights they run with and whether these suffice, their search_path and other
-- settings, a digest of their source, and which API roles may call them (PUBLIC: everybody);
-- pg_proc_proname_args_nsp_index. functions: only these names, null: all.
select
  p.oid::regprocedure::text as signature,
  p.prosecdef as security_definer,
  (
    select split_part(s.setting, '=', 2)
    from unnest(p.proconfig) as s (setting)
    where s.setting like 'search\_path=%%'
  ) as search_path,
  array(
    select s.setting
    from unnest(p.proconfig) as s (setting)
    where s.setting not like 'search\_path=%%'
    order by 1
  ) as settings,
  md5(p.prosrc) as source,
  l.lanname::text as language_name,
  case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
  not p.prosecdef or o.rolsuper or o.rolbypassrls or coalesce(p.proowner = q.relowner, true) as able,
  array(
    select coalesce(r.rolname::text, 'PUBLIC')
    from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as g
    left join pg_catalog.pg_roles as r on r.oid = g.grantee
    where g.privilege_type = 'EXECUTE' and (g.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role'))
    order by 1
  ) as callers
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
inner join pg_catalog.pg_language as l on l.oid = p.prolang
inner join pg_catalog.pg_roles as o on o.oid = p.proowner
left join pg_catalog.pg_class as q on q.oid = to_regclass('public.job_queue')
where n.nspname = 'public' and p.prokind = 'f'
  and (%(functions)s::text[] is null or p.proname = any(%(functions)s::text[]))
  -- what an extension brought is the extension's
  and not exists (
    select from pg_catalog.pg_depend as d
    where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  )
order by 1
