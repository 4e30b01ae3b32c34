-- Foreign keys by table and columns, with what they point to, and whether they are kept;
-- pg_constraint_conrelid_contypid_conname_index, pg_trigger_tgconstraint_index.
select
  c.relname::text as table_name,
  array(
    select a.attname::text
    from unnest(k.conkey) with ordinality as u (attnum, place)
    inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.attnum
    order by u.place
  ) as columns,
  tn.nspname || '.' || t.relname as target,
  case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null' when 'd' then 'set default' else 'no action' end
    as on_delete,
  pg_catalog.pg_get_constraintdef(k.oid) as definition,
  k.conname::text as constraint_name,
  k.convalidated and not exists (
    select from pg_catalog.pg_trigger as o where o.tgconstraint = k.oid and o.tgenabled not in ('O', 'A')
  ) as enforced
from pg_catalog.pg_constraint as k
inner join pg_catalog.pg_class as c on c.oid = k.conrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_class as t on t.oid = k.confrelid
inner join pg_catalog.pg_namespace as tn on tn.oid = t.relnamespace
where n.nspname = 'public' and k.contype = 'f' and k.conparentid = 0
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, k.conname
