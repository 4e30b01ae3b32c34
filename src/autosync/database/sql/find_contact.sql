-- One contact of an organizer; primary key.
select
  c.id,
  coalesce(c.first_name, '') as first_name,
  c.last_name,
  c.phone_number,
  c.email
from public.contacts as c
where c.id = %(contact_id)s and c.user_id = %(organizer_id)s
