-- Deletes one crew of an organizer, but none of the people in it; primary key.
delete from public.crews
where id = %(crew_id)s and creator_id = %(organizer_id)s
