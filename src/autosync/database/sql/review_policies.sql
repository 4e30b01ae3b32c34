-- Policies by table: for which command and roles, and their expressions; pg_policy_polrelid_polname_index.
select
  p.tablename::text as table_name,
  p.policyname::text as policy_name,
  p.permissive = 'PERMISSIVE' as permissive,
  p.cmd as command,
  p.roles::text[] as roles,
  p.qual as using_expression,
  p.with_check as check_expression
from pg_catalog.pg_policies as p
where p.schemaname = 'public' and (%(tables)s::text[] is null or p.tablename = any(%(tables)s::text[]))
order by p.tablename, p.policyname
