-- What operators see over time is counted within its window: jobs that are done have idx_job_queue_cleanup, and these
-- are the two that were missing. Texts are kept for good, so without an index each look would read them all.
--
-- Built in one transaction, as docs/decisions/0008 says: whoever writes a text waits for as long as it takes, about a
-- second for a million texts.
-- squawk-ignore-file require-concurrent-index-creation

-- Indexes

-- Texts by when they left.
create index idx_auto_sync_messages_sent_at on public.auto_sync_messages (sent_at) where sent_at is not null;
-- Attempts by when they raised.
create index idx_job_failures_failed_at on public.job_failures (failed_at);
