-- Texts (id, sync) that were given up since %(since)s though no gateway refused them: it processed none of so many
-- attempts; the oldest first; idx_auto_sync_messages_failed.
select
  m.id,
  m.auto_sync_id
from public.auto_sync_messages as m
where m.status = 'failed' and m.created_at >= %(since)s
  and m.cause_id is not null and m.error_code is null and m.attempt > 0
order by m.created_at, m.id
