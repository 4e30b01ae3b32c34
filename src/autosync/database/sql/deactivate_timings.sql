-- Switches off every other profile, and puts the demo's clock back; primary key.
update public.auto_sync_settings
set active = false, clock_offset = interval '0'
where profile <> %(profile)s
