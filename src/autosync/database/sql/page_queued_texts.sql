-- Up to %(limit)s queued texts that are due to leave, or, with %(held)s, that are held until later, behind %(at)s and
-- %(id)s, or from the first, in the order of their turns; idx_auto_sync_messages_queued. No more of a number than its
-- last three digits, and no words. `at` is what they are in order of.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  m.id,
  m.auto_sync_id,
  s.event_name,
  m.message_type,
  m.status,
  m.contact_id is null as to_organizer,
  case when m.contact_id is null then p.first_name else c.first_name end as first_name,
  case when m.contact_id is null then p.last_name else c.last_name end as last_name,
  right(
    regexp_replace(
      coalesce(m.phone_number, case when m.contact_id is null then p.phone_number else c.phone_number end),
      '\D', '', 'g'
    ), 3
  ) as ending,
  m.status_reason,
  m.error_code,
  m.send_after,
  coalesce(m.turn_at, m.send_after) as at
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
where m.status = 'queued' and (m.send_after > (select public.autosync_now())) = %(held)s::boolean
  and (
    %(id)s::uuid is null or (coalesce(m.turn_at, m.send_after), m.id) > (%(at)s::timestamptz, %(id)s::uuid)
  )
order by coalesce(m.turn_at, m.send_after), m.id
limit (select %(limit)s::bigint)
