-- What came in since then, the oldest first; idx_auto_sync_inbound_received_at.
select
  i.gateway,
  i.gateway_message_id,
  i.phone_number,
  i.body,
  i.received_at
from public.auto_sync_inbound as i
where i.received_at >= %(since)s
order by i.received_at
