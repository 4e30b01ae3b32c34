-- The contacts of one organizer and the organizer (null) with their numbers; idx_contacts_user_id, primary key.
select
  c.id,
  c.phone_number
from public.contacts as c
where c.user_id = %(organizer_id)s
union all
select
  null as id,
  p.phone_number
from public.profiles as p
where p.id = %(organizer_id)s
