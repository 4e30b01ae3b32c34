-- Makes a crew and returns its id.
insert into public.crews (creator_id, name)
values (%(organizer_id)s, %(name)s)
returning id
