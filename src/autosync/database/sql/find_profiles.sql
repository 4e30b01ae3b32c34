-- Organizers by id, or all; primary key.
select
  p.id,
  p.first_name,
  p.last_name,
  p.phone_number,
  p.preferred_timezone
from public.profiles as p
where %(id)s::uuid is null or p.id = %(id)s::uuid
order by p.first_name, p.last_name, p.id
limit %(limit)s
