-- Whether a text of ours has gone to this number since then; idx_auto_sync_messages_phone_number. What was put in doubt after a
-- restore counts from the back-up on.
select exists(
  select from public.auto_sync_messages as m
  where m.phone_number = %(phone_number)s and m.claimed_at > %(since)s
    and m.status in ('sending', 'sent', 'delivered', 'unknown')
)
