-- Cancels the text of this cause to an organizer, if it has not left; idx_auto_syncs_organizer_status,
-- idx_auto_sync_messages_once.
update public.auto_sync_messages as m
set status = 'canceled', status_reason = %(reason)s
from public.auto_syncs as s
where s.organizer_id = %(user_id)s
  and m.auto_sync_id = s.id
  and m.contact_id is null
  and m.cause_id = %(cause_id)s
  and m.status = 'queued'
