-- One row: the process that serves this connection, and the bytes that the server has written ahead.
select
  pg_backend_pid() as pid,
  (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint as wal_bytes
