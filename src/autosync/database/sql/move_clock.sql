-- Moves the demo's clock ahead by an interval and returns the new now; no row unless the demo profile is active.
update public.auto_sync_settings
set clock_offset = clock_offset + %(ahead)s
where profile = 'demo' and active
returning now() + clock_offset
