-- Locks an organizer's address book, so that two imports of the same people follow one another; primary key.
select p.id
from public.profiles as p
where p.id = %(organizer_id)s
for no key update
