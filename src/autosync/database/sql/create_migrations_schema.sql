-- Makes the schema in which the Supabase CLI, too, keeps what is applied.
create schema if not exists supabase_migrations
