-- When a text of ours last went to each of these numbers, on the server's own clock; idx_auto_sync_messages_phone_number. What was
-- put in doubt after a restore counts from the back-up on.
select
  m.phone_number,
  max(m.claimed_at) as asked_at
from public.auto_sync_messages as m
where m.phone_number = any(%(phone_numbers)s::text[]) and m.claimed_at is not null
  and m.status in ('sending', 'sent', 'delivered', 'unknown')
group by m.phone_number
