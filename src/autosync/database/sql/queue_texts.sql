-- Queues texts to leave at once; one that was queued before for the same cause stays; idx_auto_sync_messages_once.
insert into public.auto_sync_messages (
  auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, created_at
)
select
  n.sync_id,
  n.contact_id,
  n.message_type,
  n.cause_id,
  n.body,
  'queued',
  null,
  public.autosync_now(),
  public.autosync_now()
from unnest(
    %(sync_ids)s::uuid[], %(contact_ids)s::uuid[], %(message_types)s::text[], %(cause_ids)s::uuid[], %(bodies)s::text[]
  ) as n (sync_id, contact_id, message_type, cause_id, body)
on conflict do nothing
returning id
