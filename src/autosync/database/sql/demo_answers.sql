-- What the demo's phones have texted back, in order; reads a table of a few rows whole.
select
  i.id,
  i.phone_number,
  i.body,
  i.outcome,
  i.received_at
from public.auto_sync_inbound as i
order by i.received_at, i.id
