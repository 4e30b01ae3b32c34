-- Up to %(limit)s of an organizer's contacts by name, from behind the contact %(after)s on; idx_contacts_user_id.
select
  c.id,
  coalesce(c.first_name, '') as first_name,
  c.last_name,
  c.phone_number,
  c.email
from public.contacts as c
where c.user_id = %(organizer_id)s
  and (
    %(after)s::uuid is null
    or (coalesce(c.first_name, ''), coalesce(c.last_name, ''), c.id) > (
      select
        coalesce(a.first_name, ''),
        coalesce(a.last_name, ''),
        a.id
      from public.contacts as a
      where a.id = %(after)s::uuid
    )
  )
order by coalesce(c.first_name, ''), coalesce(c.last_name, ''), c.id
limit %(limit)s
