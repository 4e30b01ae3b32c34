-- Up to %(limit)s events, the last changed first, in one state of delivery or in any (null).
select
  e.sync_id,
  s.event_name,
  e.status,
  e.sequence,
  e.delivery,
  e.attempt,
  e.next_attempt_at,
  e.changed_at,
  e.reason
from public.auto_sync_events as e
left join public.auto_syncs as s on s.id = e.sync_id
where %(delivery)s::text is null or e.delivery = %(delivery)s::text
order by e.changed_at desc, e.sync_id
limit %(limit)s
