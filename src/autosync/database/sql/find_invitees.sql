-- Which of these (sync, contact) are of an invitee; idx_auto_sync_messages_auto_sync_id or idx_auto_sync_messages_contact_id.
-- The limit keeps the look-up of each from becoming a scan of the table.
select
  a.sync_id,
  a.contact_id
from unnest(%(sync_ids)s::uuid[], %(contact_ids)s::uuid[]) as a (sync_id, contact_id)
cross join
  lateral (
    select i.contact_id
    from public.auto_sync_invitees as i
    where i.auto_sync_id = a.sync_id and i.contact_id = a.contact_id
    limit 1
  ) as i
