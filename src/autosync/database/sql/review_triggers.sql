-- Triggers by table, with whether each fires; pg_trigger_tgrelid_tgname_index.
select
  c.relname::text as table_name,
  t.tgname::text as trigger_name,
  pg_catalog.pg_get_triggerdef(t.oid) as definition,
  t.tgenabled in ('O', 'A') as enabled
from pg_catalog.pg_trigger as t
inner join pg_catalog.pg_class as c on c.oid = t.tgrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'public' and not t.tgisinternal
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, t.tgname
