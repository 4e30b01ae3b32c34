-- Whether schema auth is the project's own stand-in rather than Supabase's: theirs keeps passwords.
select not exists (
  select from information_schema.columns as c
  where c.table_schema = 'auth' and c.table_name = 'users' and c.column_name = 'encrypted_password'
)
