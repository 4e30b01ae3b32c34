-- The contacts of an organizer that have a number, in a steady order; idx_contacts_user_id.
select
  c.id,
  c.phone_number
from public.contacts as c
where c.user_id = %(organizer_id)s and c.phone_number is not null
order by c.id
