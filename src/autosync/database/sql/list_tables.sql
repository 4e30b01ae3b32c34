-- Those of these names that are tables of schema public, in the order in which they are locked: by name.
select c.relname
from pg_catalog.pg_class as c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname = any(%(names)s::text[])
order by c.relname
