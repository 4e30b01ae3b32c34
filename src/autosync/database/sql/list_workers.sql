-- Up to %(limit)s workers of the last day, those that run first, then by when they were last seen: name, version, what
-- it does, and how long ago it started, was seen, its claim loop turned, it had something in hand, and it stopped.
-- A handful of rows, read as a whole.
select
  w.name,
  w.version,
  w.does,
  now() - w.started_at as started,
  now() - w.seen_at as seen,
  now() - w.turned_at as turned,
  now() - w.last_claimed_at as claimed,
  now() - w.stopped_at as stopped
from public.auto_sync_workers as w
order by w.stopped_at is not null, w.seen_at desc, w.name
limit %(limit)s
