-- Queues texts to leave at once; one that was queued before for the same cause stays; idx_auto_sync_messages_once.
-- Each text of a sync takes its turn a tenth of a second behind the one before, up to ten minutes: where there are more
-- texts than can be sent, those of a crowd stand between everybody else's, and hold up nobody.
-- What several people get in the same words comes once, with its place in each recipient's row. The time is asked for
-- in sub-selects, once a statement instead of three times a text.
insert into public.auto_sync_messages (
  id, auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at
)
select
  r.id,
  w.sync_id,
  r.contact_id,
  w.message_type,
  w.cause_id,
  w.body,
  'queued',
  null,
  (select public.autosync_now()),
  (select public.autosync_now()) + interval '100 milliseconds' * least(r.turn, 6000),
  (select public.autosync_now())
from unnest(%(ids)s::uuid[], %(contact_ids)s::uuid[], %(places)s::integer[], %(turns)s::integer[])
    as r (id, contact_id, place, turn)
inner join unnest(
  %(sync_ids)s::uuid[],
  %(message_types)s::text[],
  %(cause_ids)s::uuid[],
  %(bodies)s::text[]
) with ordinality as w (sync_id, message_type, cause_id, body, place) on w.place = r.place
on conflict (auto_sync_id, contact_id, message_type, cause_id) where cause_id is not null do nothing
