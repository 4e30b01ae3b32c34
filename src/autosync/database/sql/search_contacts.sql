-- Up to %(limit)s of an organizer's contacts by name, from behind the contact %(after)s on, whose name, e-mail or number
-- holds %(search)s: all of them, or those who are in the crew %(crew_id)s or, unless %(is_in)s, who are not in it;
-- idx_contacts_user_id, crew_members_pkey (idx_crew_members_crew_id where production's own table has another key).
select
  c.id,
  coalesce(c.first_name, '') as first_name,
  c.last_name,
  c.phone_number,
  c.email
from public.contacts as c
where c.user_id = %(organizer_id)s
  and (
    %(crew_id)s::uuid is null
    or %(is_in)s = (c.id = any(array(select m.contact_id from public.crew_members as m where m.crew_id = %(crew_id)s::uuid)))
  )
  and (
    %(search)s = ''
    or strpos(lower(concat_ws(' ', c.first_name, c.last_name, c.email)), lower(%(search)s)) > 0
    or (
      %(digits)s != ''
      and strpos(regexp_replace(coalesce(c.phone_number, ''), '[^0-9]', '', 'g'), %(digits)s) > 0
    )
  )
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
