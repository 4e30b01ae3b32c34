-- Starts a sync; its trigger schedules the first reminder.
insert into public.auto_syncs (
  id, organizer_id, crew_id, event_name, event_location, response_goal, timezone, calendar_connected, started_at,
  created_at
)
values (
  %(id)s, %(organizer_id)s, %(crew_id)s, %(event_name)s, %(event_location)s, %(response_goal)s, %(timezone)s,
  exists (select from public.google_calendar_tokens as t where t.user_id = %(organizer_id)s),
  public.autosync_now(), public.autosync_now()
)
