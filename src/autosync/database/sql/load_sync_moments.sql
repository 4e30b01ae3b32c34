-- When one sync began, was paused and ended, and the id of the option that was chosen; primary key.
select
  coalesce(s.started_at, s.created_at) as started_at,
  s.paused_at,
  s.completed_at,
  s.stopped_at,
  left(s.metadata ->> 'chosen_option_id', 60) as chosen_option_id
from public.auto_syncs as s
where s.id = %(sync_id)s
