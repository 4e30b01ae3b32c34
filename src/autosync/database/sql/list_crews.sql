-- An organizer's crews, their names cut, and how many belong to each; idx_crews_creator_id.
select
  c.id,
  left(c.name, 400) as name,
  (select count(*) from public.crew_members as m where m.crew_id = c.id) as members
from public.crews as c
where c.creator_id = %(organizer_id)s
order by c.name, c.id
