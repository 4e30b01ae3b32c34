-- Makes the events of an organizer due that lie ahead and are in no calendar, or were refused, if they have one
-- connected; idx_auto_sync_events_organizer.
select public.auto_sync_requeue_events(%(organizer_id)s)
