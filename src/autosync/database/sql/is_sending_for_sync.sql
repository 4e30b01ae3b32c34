-- Whether a text of this sync is on its way at this moment; idx_auto_sync_messages_auto_sync_id.
select exists(
  select from public.auto_sync_messages as m
  where m.auto_sync_id = %(sync_id)s and m.status = 'sending'
    and m.claimed_at between clock_timestamp() - %(lease)s::interval and clock_timestamp() + %(lease)s::interval
)
