-- One sync with its organizer, how many were asked and have answered, and the moments of its life; primary keys,
-- idx_auto_sync_messages_auto_sync_id, auto_sync_responses_auto_sync_id_contact_id_key.
select
  s.id,
  s.event_name,
  s.status::text as status,
  p.first_name,
  p.last_name,
  coalesce(s.started_at, s.created_at) as started_at,
  s.paused_at,
  s.completed_at,
  s.stopped_at,
  (select count(*) from public.auto_sync_invitees as i where i.auto_sync_id = s.id) as asked,
  (select count(*) from public.auto_sync_responses as r where r.auto_sync_id = s.id) as answered,
  (select max(r.updated_at) from public.auto_sync_responses as r where r.auto_sync_id = s.id) as last_answer_at,
  public.autosync_now() as now
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
where s.id = %(sync_id)s
