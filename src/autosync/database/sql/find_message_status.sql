-- The state of one text; primary key.
select m.status
from public.auto_sync_messages as m
where m.id = %(message_id)s
