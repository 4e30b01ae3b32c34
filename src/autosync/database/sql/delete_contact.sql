-- Deletes one contact of an organizer, and with it their answers and texts; primary key.
delete from public.contacts
where id = %(contact_id)s and user_id = %(organizer_id)s
