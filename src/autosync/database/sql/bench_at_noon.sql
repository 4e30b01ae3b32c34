-- Sets the demo's clock ahead to the next noon in New York, where a benchmark's people are, so that no text waits for morning.
update public.auto_sync_settings
set
  clock_offset = date_trunc('day', now() at time zone 'America/New_York') + interval '36 hours'
  - (now() at time zone 'America/New_York')
where profile = 'demo' and active
