-- The server's version, and the settings that durability and speed rest on.
select
  s.name,
  current_setting(s.name) as setting
from unnest(array[
    'server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size',
    'wal_compression', 'jit'
  ]) as s (name)
