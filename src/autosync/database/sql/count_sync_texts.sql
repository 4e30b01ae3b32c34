-- How many texts of one sync there are of each type, round and state, and when the first of them came about;
-- idx_auto_sync_messages_auto_sync_id.
select
  m.message_type,
  m.status,
  m.cause_id,
  count(*) as texts,
  min(coalesce(m.created_at, m.sent_at)) as first_at
from public.auto_sync_messages as m
where m.auto_sync_id = %(sync_id)s
group by m.message_type, m.status, m.cause_id
order by first_at, m.message_type, m.status, m.cause_id
