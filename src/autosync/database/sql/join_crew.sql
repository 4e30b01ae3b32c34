-- Puts contacts into a crew, those who are not in it yet; crew_members_pkey.
insert into public.crew_members (crew_id, contact_id)
select
  %(crew_id)s,
  n.contact_id
from unnest(%(contact_ids)s::uuid[]) as n (contact_id)
on conflict do nothing
