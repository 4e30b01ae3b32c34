-- What must not be given to a text that was looked up: those of these gateway's ids that a text has already, and those
-- of these numbers to which a text is on its way; one of the two in each row; idx_auto_sync_messages_phone_number.
-- An offset keeps each look-up from becoming a scan of its table where statistics are old or missing.
select distinct
  case when m.status <> 'sending' then m.gateway_message_id end as gateway_message_id,
  case when m.status = 'sending' then w.phone_number end as phone_number
from unnest(%(phone_numbers)s::text[]) as w (phone_number)
cross join
  lateral (
    select
      status,
      gateway_message_id
    from public.auto_sync_messages
    where phone_number = w.phone_number
    offset 0
  ) as m
where m.status = 'sending' or m.gateway_message_id = any(%(gateway_message_ids)s::text[])
