-- Everything that is kept about an organizer as one document, without secrets; null if there is none; primary keys and
-- the indexes of their foreign keys.
select
  jsonb_build_object(
    'profile', to_jsonb(p),
    'contacts', (select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.contacts as c where c.user_id = p.id),
    'crews', (select coalesce(jsonb_agg(to_jsonb(w)), '[]') from public.crews as w where w.creator_id = p.id),
    'syncs', (select coalesce(jsonb_agg(to_jsonb(s)), '[]') from public.auto_syncs as s where s.organizer_id = p.id),
    'options', (
      select coalesce(jsonb_agg(to_jsonb(o)), '[]')
      from public.auto_sync_options as o
      inner join public.auto_syncs as s on s.id = o.auto_sync_id
      where s.organizer_id = p.id
    ),
    'answers', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]')
      from public.auto_sync_responses as r
      inner join public.auto_syncs as s on s.id = r.auto_sync_id
      where s.organizer_id = p.id
    ),
    'texts', (
      select coalesce(jsonb_agg(to_jsonb(m) order by m.created_at), '[]')
      from public.auto_sync_messages as m
      inner join public.auto_syncs as s on s.id = m.auto_sync_id
      where s.organizer_id = p.id
    ),
    'received', (
      select coalesce(jsonb_agg(to_jsonb(i) order by i.received_at), '[]')
      from public.auto_sync_inbound as i
      where i.phone_number = any(%(numbers)s::text[])
    ),
    'events', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.changed_at), '[]')
      from public.auto_sync_events as e
      where e.organizer_id = p.id
    ),
    'calendar', (select to_jsonb(c) from public.auto_sync_calendars as c where c.user_id = p.id),
    'calendar_connected', exists (select from public.google_calendar_tokens as g where g.user_id = p.id),
    'signed_in_browsers', (select count(*) from public.auto_sync_sessions as b where b.organizer_id = p.id)
  ) as document
from public.profiles as p
where p.id = %(organizer_id)s
