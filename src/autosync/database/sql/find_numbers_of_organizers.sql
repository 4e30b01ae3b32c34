-- Those of these numbers that may be an organizer's, as find_organizers_of_number has it; idx_profiles_phone_number,
-- idx_auto_sync_messages_phone_number.
select w.phone_number
from unnest(%(phone_numbers)s::text[]) as w (phone_number)
where exists (select from public.profiles as p where p.phone_number = w.phone_number)
  or exists (
    select from public.auto_sync_messages as m
    where m.phone_number = w.phone_number and m.contact_id is null
  )
