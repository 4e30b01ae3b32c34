-- An organizer's crews with this name or id; idx_crews_creator_id.
select
  c.id,
  c.name
from public.crews as c
where c.creator_id = %(organizer_id)s and (c.name = %(crew)s or c.id::text = %(crew)s)
order by c.name, c.id
