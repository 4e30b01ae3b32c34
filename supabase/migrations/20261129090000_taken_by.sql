-- Who had a failed attempt at a job, or a text, in hand, for whoever asks why it came out as it did. Nothing is decided
-- by it. The queue itself keeps its columns: other clients know them.
--
-- A type with a length, since that never changes: a check would have to read every row before it holds.
-- squawk-ignore-file prefer-text-field

-- Tables: a column without a default is added at once, however many rows there are.

alter table public.job_failures
add column taken_by varchar(400); -- host:process; missing: from before it was noted

alter table public.auto_sync_messages
add column taken_by varchar(400); -- the same, of its last attempt; missing: nobody yet, or another client
