-- Puts contacts into a crew, those who are not in it yet; crew_members_pkey, or idx_crew_members_crew_id where
-- production's own table has another key.
insert into public.crew_members (crew_id, contact_id)
select
  %(crew_id)s,
  n.contact_id
from unnest(%(contact_ids)s::uuid[]) as n (contact_id)
where not exists (
    select from public.crew_members as m
    where m.crew_id = %(crew_id)s and m.contact_id = n.contact_id
  )
on conflict do nothing
