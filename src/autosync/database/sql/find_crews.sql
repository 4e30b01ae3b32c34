-- An organizer's crews with this name or id, their names cut; idx_crews_creator_id.
select
  c.id,
  left(c.name, 400) as name
from public.crews as c
where c.creator_id = %(organizer_id)s and (c.name = %(crew)s or c.id::text = %(crew)s)
order by c.name, c.id
