-- Queues a text to an organizer that leaves no earlier than %(send_after)s; idx_auto_sync_messages_once.
insert into public.auto_sync_messages (
  auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, created_at
)
values (
  %(sync_id)s, null, %(message_type)s, %(cause_id)s, %(body)s, 'queued', null, %(send_after)s,
  public.autosync_now()
)
on conflict (auto_sync_id, contact_id, message_type, cause_id) where cause_id is not null do nothing
