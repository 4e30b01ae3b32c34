-- When Google let us into a person's calendar no more, the row locked until the transaction ends; primary key. Nothing
-- where it was not lost, or is connected again.
select c.disconnected_at
from public.auto_sync_calendars as c
where c.user_id = %(user_id)s and c.disconnected_at is not null
for no key update
