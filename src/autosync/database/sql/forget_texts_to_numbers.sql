-- Takes words and number out of texts to these numbers that are left, such as those to an organizer who has the same;
-- what has not left is canceled; idx_auto_sync_messages_phone_number.
update public.auto_sync_messages as m
set
  body = null,
  phone_number = null,
  status = case when m.status = 'queued' then 'canceled' else m.status end,
  status_reason = case when m.status = 'queued' then 'Its recipient has been deleted.' else m.status_reason end
where m.phone_number = any(%(numbers)s::text[])
