-- Makes the table in which the Supabase CLI, too, keeps what is applied.
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key,
  statements text[],
  name text
)
