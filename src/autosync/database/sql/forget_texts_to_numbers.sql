-- Takes words and number out of texts to these numbers that are left, such as those to an organizer who has the same. One
-- that may still leave keeps its words, since its recipient is still there; idx_auto_sync_messages_phone_number.
update public.auto_sync_messages as m
set
  body = case when m.status in ('queued', 'sending', 'unknown') then m.body end,
  phone_number = null
where m.phone_number = any(%(numbers)s::text[])
