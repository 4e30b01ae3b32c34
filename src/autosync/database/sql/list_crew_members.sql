-- The contacts of a crew by name; crew_members_pkey. Its owner's only: production's policies may let in others'.
select
  c.id,
  c.first_name,
  c.last_name,
  c.phone_number
from public.crew_members as m
inner join public.contacts as c on c.id = m.contact_id
inner join public.crews as w on w.id = m.crew_id and w.creator_id = c.user_id
where m.crew_id = %(crew_id)s
order by c.first_name, c.last_name, c.id
