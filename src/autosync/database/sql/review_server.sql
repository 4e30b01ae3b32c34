-- One row about the server: version number, whether it is a standby, whether autovacuum is on, the encoding.
select
  current_setting('server_version_num')::integer as version_number,
  split_part(current_setting('server_version'), ' ', 1) as version,
  pg_catalog.pg_is_in_recovery() as is_standby,
  current_setting('autovacuum')::boolean as autovacuum,
  current_setting('server_encoding') as encoding
