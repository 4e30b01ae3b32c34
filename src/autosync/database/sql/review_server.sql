-- One row about the server: version number, whether it is a standby, whether autovacuum is on, the encoding, the
-- database, its clock, who is asking, and whether they see the sessions of others.
select
  current_setting('server_version_num')::integer as version_number,
  split_part(current_setting('server_version'), ' ', 1) as version,
  pg_catalog.pg_is_in_recovery() as is_standby,
  current_setting('autovacuum')::boolean as autovacuum,
  current_setting('server_encoding') as encoding,
  current_database()::text as database_name,
  clock_timestamp() as clock,
  current_user::text as role_name,
  pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as sees_sessions
