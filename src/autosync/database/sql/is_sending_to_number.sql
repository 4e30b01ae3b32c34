-- Whether a text to this number is on its way at this moment; idx_auto_sync_messages_phone_number.
select exists(
  select from public.auto_sync_messages as m
  where m.phone_number = %(phone_number)s and m.status = 'sending'
    and m.claimed_at between clock_timestamp() - %(lease)s::interval and clock_timestamp() + %(lease)s::interval
)
