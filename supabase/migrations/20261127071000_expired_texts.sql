-- A text that waited at the gateway until it had expired has not been sent, and goes out again in the morning.

-- Tables

-- What the gateway called it before: reports on these, which may come late and out of order, are about no text any more.
alter table public.auto_sync_messages add column expired_ids text[];
