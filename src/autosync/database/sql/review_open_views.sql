-- Views of schema public, other than %(tables)s, that anon or authenticated may read and that read %(tables)s, directly
-- or through other views, with their owners' rights: with these roles, what they read, and whether their text asks who
-- is asking; up to 50; pg_depend_reference_index.
with recursive reading as (
  select
    w.ev_class as view_id,
    c.relname::text as reads,
    1 as depth
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
  inner join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = c.oid
  inner join pg_catalog.pg_rewrite as w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
  where n.nspname = 'public' and c.relname = any(%(tables)s::text[]) and w.ev_class <> c.oid

  union

  select
    w.ev_class as view_id,
    g.reads,
    g.depth + 1 as depth
  from reading as g
  inner join pg_catalog.pg_depend as d on d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjid = g.view_id
  inner join pg_catalog.pg_rewrite as w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
  where w.ev_class <> g.view_id and g.depth < 5
)

select
  v.relname::text as view_name,
  v.relkind = 'm' as materialized,
  array_agg(distinct r.rolname::text order by r.rolname::text) as roles,
  array_agg(distinct g.reads order by g.reads) as reads,
  coalesce(pg_catalog.pg_get_viewdef(v.oid) ~ 'auth\.(uid|jwt|email)\(', false) as asks
from reading as g
inner join pg_catalog.pg_class as v on v.oid = g.view_id
inner join pg_catalog.pg_namespace as n on n.oid = v.relnamespace
cross join pg_catalog.pg_roles as r
where n.nspname = 'public' and v.relkind in ('v', 'm')
  and not v.relname = any(%(tables)s::text[])
  and not coalesce(v.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
  and r.rolname in ('anon', 'authenticated')
  and pg_catalog.has_any_column_privilege(r.oid, v.oid, 'SELECT')
group by v.oid, v.relname, v.relkind
order by v.relname
limit 50
