-- Makes way for inviting to this option once more, after another client has let the sync go on: invites to it that have not
-- left stay canceled, under causes of their own; idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages as m
set
  cause_id = gen_random_uuid(),
  status = 'canceled',
  status_reason = case
    when m.status = 'queued' then 'A later text of this kind was queued before this one could leave.'
    else m.status_reason
  end
where m.auto_sync_id = %(sync_id)s and m.message_type = 'invite' and m.cause_id = %(option_id)s
  and m.status in ('queued', 'canceled')
