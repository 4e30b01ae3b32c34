-- Marks locked texts as being sent and returns id, sync, attempt and claim time of each; primary key.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
update public.auto_sync_messages as m
set
  status = 'sending',
  status_reason = null,
  phone_number = d.phone_number,
  attempt = m.attempt + 1,
  claimed_at = clock_timestamp(),
  gateway = %(gateway)s,
  taken_by = %(taken_by)s,
  doubted_at = null
from unnest(%(message_ids)s::uuid[], %(phone_numbers)s::text[]) as d (id, phone_number)
where m.id = d.id and m.id = any(array(select unnest(%(message_ids)s::uuid[])))
  and m.auto_sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
  and m.status = 'queued'
returning m.id, m.auto_sync_id, m.attempt, m.claimed_at
