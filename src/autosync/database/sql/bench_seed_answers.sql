-- Answers to each of these syncs from the first %(answered)s who were asked: the first option for all of them.
insert into public.auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type)
select
  o.auto_sync_id,
  md5('contact ' || 1 + mod(n.i, %(organizers)s::integer) || ' ' || c.i)::uuid,
  array[o.id],
  'available'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
inner join public.auto_sync_options as o on o.auto_sync_id = md5('sync ' || n.i)::uuid and o.idx = 1
cross join generate_series(1, %(answered)s::integer) as c (i)
