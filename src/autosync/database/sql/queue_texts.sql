-- Queues texts to leave at once; one that was queued before for the same cause stays; idx_auto_sync_messages_once.
-- Each text of a sync takes its turn a tenth of a second behind the one before, up to ten minutes: where there are more
-- texts than can be sent, those of a crowd stand between everybody else's, and hold up nobody.
-- The time is asked for in sub-selects, once a statement instead of three times a text.
insert into public.auto_sync_messages (
  id, auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at
)
select
  n.id,
  n.sync_id,
  n.contact_id,
  n.message_type,
  n.cause_id,
  n.body,
  'queued',
  null,
  (select public.autosync_now()),
  (select public.autosync_now())
  + interval '100 milliseconds'
  * least(row_number() over (partition by n.sync_id order by n.place), 6000),
  (select public.autosync_now())
from unnest(
    %(ids)s::uuid[],
    %(sync_ids)s::uuid[],
    %(contact_ids)s::uuid[],
    %(message_types)s::text[],
    %(cause_ids)s::uuid[],
    %(bodies)s::text[]
  ) with ordinality as n (id, sync_id, contact_id, message_type, cause_id, body, place)
on conflict do nothing
