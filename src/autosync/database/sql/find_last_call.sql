-- The last call of the function endpoint by pg_net: its id, how long ago it was made, and the SQLSTATE if it was
-- refused; the table's only row.
select
  w.request_id,
  clock_timestamp() - w.called_at as age,
  w.error_code
from public.auto_sync_wake_ups as w
where w.called_at is not null
