-- Whether schema auth is the project's own stand-in rather than Supabase's: theirs keeps passwords.
select not exists (
  select from pg_catalog.pg_attribute as a
  where a.attrelid = to_regclass('auth.users') and a.attname = 'encrypted_password'
)
