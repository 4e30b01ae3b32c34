-- The contacts of a crew by name; crew_members_pkey.
select
  c.id,
  c.first_name,
  c.last_name,
  c.phone_number
from public.crew_members as m
inner join public.contacts as c on c.id = m.contact_id
where m.crew_id = %(crew_id)s
order by c.first_name, c.last_name, c.id
