-- Where an event is on its way and whether its organizer has a calendar connected, the event locked until the
-- transaction ends; primary keys.
select
  e.delivery,
  exists(select from public.google_calendar_tokens as t where t.user_id = e.organizer_id) as is_connected
from public.auto_sync_events as e
where e.sync_id = %(sync_id)s
for no key update of e
