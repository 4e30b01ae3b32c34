-- Every contact whose number ends in seven of these digits, however it was written, or who is one of these; reads all
-- contacts, for an operator's verb.
select
  c.id,
  c.user_id,
  c.phone_number
from public.contacts as c
where c.id = any(%(contact_ids)s::uuid[])
  or right(regexp_replace(c.phone_number, '\D', '', 'g'), 7) = any(%(endings)s::text[])
