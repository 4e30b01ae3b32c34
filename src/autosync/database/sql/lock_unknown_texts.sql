-- Locks the unknown texts to these numbers, always in one order, so that two look-ups settle one after the other;
-- idx_auto_sync_messages_phone_number.
select m.id
from public.auto_sync_messages as m
where m.phone_number = any(%(phone_numbers)s::text[]) and m.status = 'unknown'
order by m.id
for no key update
