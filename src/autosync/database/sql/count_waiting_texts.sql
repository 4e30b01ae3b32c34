-- How many texts are queued, of an organizer or of everybody (null); idx_auto_sync_messages_queued.
select count(*)
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
where m.status = 'queued' and (%(organizer_id)s::uuid is null or s.organizer_id = %(organizer_id)s::uuid)
