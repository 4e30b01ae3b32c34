-- Gives one crew of an organizer another name; primary key.
update public.crews
set name = %(name)s
where id = %(crew_id)s and creator_id = %(organizer_id)s
