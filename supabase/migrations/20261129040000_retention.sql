-- How long the words and numbers of texts are kept once their sync has ended, where a deployment sets a limit.
-- Built in one transaction, as docs/decisions/0008 says; both tables are small beside that of the texts.
-- squawk-ignore-file require-concurrent-index-creation

-- When the words and numbers of its texts, and what was texted in reply, were forgotten.
alter table public.auto_syncs add column texts_forgotten_at timestamptz;

comment on column public.auto_syncs.texts_forgotten_at is 'When words and numbers of its texts were forgotten.';

-- Indexes: syncs that have ended and still have their texts' words, and what came in by when.

create index idx_auto_syncs_ended on public.auto_syncs (coalesce(completed_at, stopped_at))
where status in ('completed', 'stopped') and texts_forgotten_at is null;
create index idx_auto_sync_inbound_received_at on public.auto_sync_inbound (received_at);
