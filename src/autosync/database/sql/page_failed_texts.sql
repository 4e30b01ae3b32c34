-- Up to %(limit)s failed texts, of any code (null) or of one (empty: none) within a day, behind %(at)s and %(id)s, or
-- from the first, the latest first; idx_auto_sync_messages_failed. No more of a number than its last three digits, and
-- no words. `at` is what they are in order of.
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
  m.created_at as at
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
where m.status = 'failed' and m.created_at is not null
  and (
    %(code)s::text is null
    or (
      coalesce(m.error_code, '') = %(code)s::text
      and m.created_at > (select public.autosync_now()) - interval '24 hours'
    )
  )
  and (%(id)s::uuid is null or (m.created_at, m.id) < (%(at)s::timestamptz, %(id)s::uuid))
order by m.created_at desc, m.id desc
limit (select %(limit)s::bigint)
