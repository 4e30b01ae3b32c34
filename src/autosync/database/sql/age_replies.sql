-- Makes replies that were queued since then in this transaction as old as if they had been queued %(by)s earlier, so that they
-- wait for the morning; idx_auto_sync_messages_queued.
update public.auto_sync_messages as m
set created_at = m.created_at - %(by)s::interval
where m.status = 'queued' and m.created_at >= %(since)s
  and m.message_type in ('clarification', 'late_answer', 'started', 'choose_option', 'confirm_stop', 'status', 'help')
