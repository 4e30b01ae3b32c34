-- What must not be given to a text that was looked up: those of these gateway's ids that a text has already, and those
-- of these numbers to which a text is on its way; one of the two in each row; idx_auto_sync_messages_phone_number.
select distinct
  case when m.status <> 'sending' then m.gateway_message_id end as gateway_message_id,
  case when m.status = 'sending' then m.phone_number end as phone_number
from public.auto_sync_messages as m
where m.phone_number = any(%(phone_numbers)s::text[])
  and (m.status = 'sending' or m.gateway_message_id = any(%(gateway_message_ids)s::text[]))
