-- Adds those people whose number the organizer does not have yet; returns one row each; idx_contacts_user_id.
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
where not exists (
    select from public.contacts as c
    where c.user_id = %(organizer_id)s and c.phone_number = n.phone_number
  )
returning id
