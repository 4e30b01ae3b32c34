-- One organizer's profile, name by name; primary key.
select
  p.first_name,
  p.last_name,
  p.phone_number,
  p.preferred_timezone
from public.profiles as p
where p.id = %(id)s
