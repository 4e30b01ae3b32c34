-- One row: the project's now, the reminder delay and the pause delay in force.
select
  public.autosync_now() as now,
  t.reminder_delay,
  t.pause_delay
from public.autosync_timings() as t
