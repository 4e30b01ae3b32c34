-- Up to %(limit)s syncs of one organizer, the newest first, in one state or any, from behind the sync %(before)s on or
-- without the first %(skip)s; with %(paused_first)s those that wait for the organizer come before all others.
-- idx_auto_syncs_organizer_status. Reads only what authenticated may read, so it does not use auto_sync_invitees.
with page as (
  select
    s.id,
    s.event_name,
    s.event_location,
    s.status::text as sync_status,
    coalesce(nullif(s.timezone, ''), nullif(o.preferred_timezone, ''), 'UTC') as timezone,
    coalesce(s.started_at, s.created_at) as started_at,
    s.metadata ->> 'chosen_option_id' as chosen_option_id,
    %(paused_first)s and s.status::text = 'paused' as comes_first,
    s.created_at
  from public.auto_syncs as s
  inner join public.profiles as o on o.id = s.organizer_id
  where s.organizer_id = %(organizer_id)s
    and (%(status)s::text is null or s.status::text = %(status)s::text)
    and (
      %(before)s::uuid is null
      or (s.created_at, s.id) < (
        select
          b.created_at,
          b.id
        from public.auto_syncs as b where b.id = %(before)s::uuid
      )
    )
  order by comes_first desc, s.created_at desc, s.id desc
  limit %(limit)s offset %(skip)s
)

select
  p.id,
  p.event_name,
  p.event_location,
  p.sync_status,
  p.timezone,
  p.started_at,
  a.asked,
  a.answered,
  j.job_type,
  j.scheduled_at,
  c.start_time,
  c.end_time
from page as p
cross join
  lateral (
    select
      count(distinct m.contact_id) as asked,
      count(distinct r.contact_id) as answered
    from public.auto_sync_messages as m
    left join public.auto_sync_responses as r on r.auto_sync_id = m.auto_sync_id and r.contact_id = m.contact_id
    where m.auto_sync_id = p.id
      and m.message_type = 'initial' and m.contact_id is not null and m.status not in ('failed', 'canceled')
  ) as a
left join lateral (
  select
    q.job_type,
    q.scheduled_at
  from public.job_queue as q
  where q.sync_id = p.id and q.status = 'pending'
  order by q.scheduled_at, q.id
  limit 1
) as j on true
left join lateral (
  select
    t.start_time,
    t.end_time
  from public.auto_sync_options as t
  where t.auto_sync_id = p.id and t.id::text = p.chosen_option_id
) as c on true
order by p.comes_first desc, p.created_at desc, p.id desc
