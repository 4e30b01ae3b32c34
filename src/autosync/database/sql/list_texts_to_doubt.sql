-- Up to %(limit)s queued texts that were not put in doubt since %(began)s, with their syncs and the numbers they would leave for, by id;
-- idx_auto_sync_messages_queued.
select
  m.id,
  m.auto_sync_id,
  case when m.contact_id is null then p.phone_number else c.phone_number end as phone_number
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
where m.status = 'queued' and (m.doubted_at is null or m.doubted_at < %(began)s) and m.id > %(after)s
order by m.id
limit %(limit)s
