-- Returns a text that came in by its gateway's id: our id, and the sync that it counts for;
-- auto_sync_inbound_gateway_gateway_message_id_key.
select
  i.id,
  i.auto_sync_id
from public.auto_sync_inbound as i
where i.gateway = %(gateway)s and i.gateway_message_id = %(gateway_message_id)s
