-- Puts the organizer's contacts with these numbers into a crew, one for each number; idx_contacts_phone_number.
insert into public.crew_members (crew_id, contact_id)
select distinct on (c.phone_number)
  %(crew_id)s,
  c.id
from public.contacts as c
where c.user_id = %(organizer_id)s
  and c.phone_number = any(%(phone_numbers)s::text[])
  and not exists (
    select from public.crew_members as m
    inner join public.contacts as d on d.id = m.contact_id
    where m.crew_id = %(crew_id)s and d.phone_number = c.phone_number
  )
order by c.phone_number, c.id
on conflict do nothing
