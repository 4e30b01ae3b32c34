-- Running syncs for a benchmark, from place %(first)s to %(last)s, started so that their reminders fall due a tenth of a second
-- apart, the first of them %(due_for)s ago.
insert into public.auto_syncs (
  id, organizer_id, event_name, event_location, status, response_goal, timezone, started_at, created_at
)
select
  md5('sync ' || n.i)::uuid,
  md5('organizer ' || 1 + mod(n.i, %(organizers)s::integer))::uuid,
  'Board game night ' || n.i,
  'Luna Cafe',
  'running',
  'everyone',
  'America/New_York',
  now() - interval '24 hours' - %(due_for)s::interval + (n.i - %(first)s::integer) * %(apart)s::interval,
  now() - interval '24 hours'
from generate_series(%(first)s::integer, %(last)s::integer) as n (i)
