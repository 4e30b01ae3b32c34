-- Ids, and syncs, of up to %(limit)s queued texts whose time has come, locked, their syncs share-locked, so that no sync changes
-- state between the check and the mark; idx_auto_sync_messages_queued. What somebody else holds is left for later.
-- While all sending is paused there are none. From %(since)s on, null: from the first; see claim_due_jobs.
-- The limit hides in a sub-select, and the transaction may not be left alone, see claim_due_jobs.
select
  m.id,
  m.auto_sync_id,
  (select set_config('idle_in_transaction_session_timeout', %(left_alone)s, true)) as left_alone
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
where m.status = 'queued' and m.send_after <= (select public.autosync_now())
  and not exists (select from public.auto_sync_sending_pauses as p where p.organizer_id is null)
  and coalesce(m.turn_at, m.send_after) <= (select public.autosync_now()) + interval '10 minutes' -- see queue_texts
  and (%(since)s::timestamptz is null or coalesce(m.turn_at, m.send_after) >= %(since)s::timestamptz)
order by coalesce(m.turn_at, m.send_after)
limit (select %(limit)s::bigint)
for no key update of m skip locked
for share of s skip locked -- noqa: PRS
