-- The first text of each of these syncs to each contact of its organizer's, sent a day ago.
insert into public.auto_sync_messages (auto_sync_id, contact_id, message_type, sent_at, created_at)
select
  md5('sync ' || n.i)::uuid,
  md5('contact ' || 1 + mod(n.i, %(organizers)s::integer) || ' ' || c.i)::uuid,
  'initial',
  now() - interval '24 hours',
  now() - interval '24 hours'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
cross join generate_series(1, %(contacts)s::integer) as c (i)
order by n.i, c.i
