-- Writes one contact of an organizer anew; primary key.
update public.contacts
set
  first_name = %(first_name)s,
  last_name = %(last_name)s,
  phone_number = %(phone_number)s,
  email = %(email)s
where id = %(contact_id)s and user_id = %(organizer_id)s
