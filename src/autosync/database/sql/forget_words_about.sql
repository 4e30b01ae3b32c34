-- Takes the words out of texts of these types to the organizers of syncs that these contacts were asked in, and returns
-- each one's id, sync and type, and whether it may still leave: such a one is to be written anew, see write_anew;
-- idx_auto_sync_messages_contact_id, idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages as m
set body = case when m.status in ('queued', 'sending', 'unknown') then '' end
where m.contact_id is null and m.body is not null and m.message_type = any(%(types)s::text[])
  and m.auto_sync_id in (
    select t.auto_sync_id from public.auto_sync_messages as t where t.contact_id = any(%(contact_ids)s::uuid[])
  )
returning m.id, m.auto_sync_id, m.message_type, m.body is not null as may_leave
