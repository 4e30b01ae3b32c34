-- Lets those be invited to this option once more, after another client has let the sync go on, whose invites to it were
-- canceled: these stay, each as its own cause; idx_auto_sync_messages_auto_sync_id.
update public.auto_sync_messages as m
set cause_id = m.id
where m.auto_sync_id = %(sync_id)s and m.message_type = 'invite' and m.cause_id = %(option_id)s and m.status = 'canceled'
