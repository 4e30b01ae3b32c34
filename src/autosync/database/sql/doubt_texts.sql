-- Makes these queued texts unknown, as if they had been claimed at %(since)s, to be looked up at once; primary key.
update public.auto_sync_messages as m
set
  status = 'unknown',
  status_reason = %(reason)s,
  phone_number = d.phone_number,
  gateway = %(gateway)s,
  attempt = m.attempt + 1,
  claimed_at = %(since)s,
  send_after = (select public.autosync_now()),
  doubted_at = clock_timestamp()
from unnest(%(message_ids)s::uuid[], %(phone_numbers)s::text[]) as d (id, phone_number)
where m.id = d.id and m.status = 'queued'
