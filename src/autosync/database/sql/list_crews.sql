-- An organizer's crews and how many belong to each; idx_crews_creator_id.
select
  c.id,
  c.name,
  (select count(*) from public.crew_members as m where m.crew_id = c.id) as members
from public.crews as c
where c.creator_id = %(organizer_id)s
order by c.name, c.id
