-- After an outage tens of thousands of texts may be in doubt. Whoever looks some of them up, or looks for claims that were
-- given up, a few times a second, reads those and not all the others.
-- Built in one transaction, as docs/decisions/0008 says; only texts that are on their way, or in doubt, are indexed.
-- squawk-ignore-file require-concurrent-index-creation

-- The look-ups' claim.
create index idx_auto_sync_messages_unknown on public.auto_sync_messages (send_after) where status = 'unknown';
-- Claims whose dispatcher never reported back.
create index idx_auto_sync_messages_sending on public.auto_sync_messages (claimed_at) where status = 'sending';
