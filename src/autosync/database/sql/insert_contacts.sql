-- Adds people to an organizer's contacts; returns one row each.
insert into public.contacts (user_id, first_name, last_name, phone_number, email)
select
  %(organizer_id)s,
  n.first_name,
  n.last_name,
  n.phone_number,
  n.email
from unnest(
    %(first_names)s::text[], %(last_names)s::text[], %(phone_numbers)s::text[], %(emails)s::text[]
  ) as n (first_name, last_name, phone_number, email)
returning id
