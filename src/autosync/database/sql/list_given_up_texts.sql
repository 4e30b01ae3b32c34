-- Texts (id, sync) whose last attempt was made since %(since)s and that were given up though no gateway took or refused
-- them, the oldest first; idx_auto_sync_messages_failed. Not those whose words have been forgotten.
select
  m.id,
  m.auto_sync_id
from public.auto_sync_messages as m
where m.status = 'failed' and m.claimed_at >= %(since)s
  and m.cause_id is not null and m.body is not null and m.error_code is null and m.gateway_message_id is null
order by m.created_at, m.id
