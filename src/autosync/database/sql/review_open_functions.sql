-- SECURITY DEFINER functions of schema public, other than %(functions)s (signatures), that anon or authenticated may
-- call, with who may and whether each pins its search_path; up to 50. A trigger's function cannot be called.
select
  p.oid::regprocedure::text as signature,
  array(
    select coalesce(r.rolname::text, 'PUBLIC')
    from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as g
    left join pg_catalog.pg_roles as r on r.oid = g.grantee
    where g.privilege_type = 'EXECUTE' and (g.grantee = 0 or r.rolname in ('anon', 'authenticated'))
    order by 1
  ) as callers,
  (select count(*) > 0 from unnest(p.proconfig) as s (setting) where s.setting like 'search\_path=%%') as pinned
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
where n.nspname = 'public' and p.prosecdef
  and p.prorettype not in ('pg_catalog.trigger'::regtype, 'pg_catalog.event_trigger'::regtype)
  and not p.oid::regprocedure::text = any(%(functions)s::text[])
  and exists (
    select from pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) as g
    left join pg_catalog.pg_roles as r on r.oid = g.grantee
    where g.privilege_type = 'EXECUTE' and (g.grantee = 0 or r.rolname in ('anon', 'authenticated'))
  )
  -- what an extension brought is the extension's
  and not exists (
    select from pg_catalog.pg_depend as d
    where d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
  )
order by 1
limit 50
