-- Those of the contacts %(contact_ids)s that are an organizer's; primary key.
select c.id
from public.contacts as c
where c.id = any(%(contact_ids)s) and c.user_id = %(organizer_id)s
