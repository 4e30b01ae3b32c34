-- Takes the words out of what organizers were told in syncs that these contacts were asked in, since they may be named
-- there; what has not left is canceled; idx_auto_sync_messages_contact_id, idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages as m
set
  body = null,
  status = case when m.status = 'queued' then 'canceled' else m.status end,
  status_reason = case
    when m.status = 'queued' then 'It may have named somebody who has been deleted.'
    else m.status_reason
  end
where m.contact_id is null and m.body is not null
  and m.auto_sync_id in (
    select t.auto_sync_id from public.auto_sync_messages as t where t.contact_id = any(%(contact_ids)s::uuid[])
  )
