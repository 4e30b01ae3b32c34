-- A row per profile: its name, whether it is active, both delays, how far its clock is ahead.
select
  s.profile,
  s.active,
  s.reminder_delay,
  s.pause_delay,
  s.clock_offset
from public.auto_sync_settings as s
order by s.active desc, s.profile
