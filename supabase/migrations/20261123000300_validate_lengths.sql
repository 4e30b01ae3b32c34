-- Looks at the rows that stood before the limits of 20261123000200. In a migration of its own: adding a constraint
-- locks everybody out until its transaction ends, validating one does not.

-- Where a row that stands is longer, that row is somebody's to mend, and all new ones are checked: `doctor` tells.
do $$
declare
  added record;
begin
  for added in
    select c.conrelid::regclass as table_name, c.conname
    from pg_catalog.pg_constraint as c
    where c.conname in ('profiles_lengths_check', 'contacts_lengths_check', 'auto_syncs_timezone_length_check')
      and c.connamespace = 'public'::regnamespace
  loop
    begin
      execute format('alter table %s validate constraint %I', added.table_name, added.conname);
    exception
      when check_violation then
        raise warning 'a row of % is too long for %', added.table_name, added.conname;
    end;
  end loop;
end
$$;
