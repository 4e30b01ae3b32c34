-- Everything that is kept about these contacts, and about texts to and from these numbers, as one document; primary
-- keys, idx_auto_sync_messages_contact_id, idx_auto_sync_messages_phone_number and others of their kind.
with texts as (
  select m.*
  from public.auto_sync_messages as m
  where m.contact_id = any(%(contact_ids)s::uuid[]) or m.phone_number = any(%(numbers)s::text[])
)

select jsonb_build_object(
  'contacts', (
    select coalesce(jsonb_agg(to_jsonb(c)), '[]') from public.contacts as c where c.id = any(%(contact_ids)s::uuid[])
  ),
  'crews', (
    select coalesce(jsonb_agg(jsonb_build_object('contact_id', m.contact_id, 'crew', w.name)), '[]')
    from public.crew_members as m
    inner join public.crews as w on w.id = m.crew_id
    where m.contact_id = any(%(contact_ids)s::uuid[])
  ),
  'answers', (
    select coalesce(jsonb_agg(to_jsonb(r)), '[]')
    from public.auto_sync_responses as r
    where r.contact_id = any(%(contact_ids)s::uuid[])
  ),
  'texts', (select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at), '[]') from texts as t),
  'received', (
    select coalesce(jsonb_agg(to_jsonb(i) order by i.received_at), '[]')
    from public.auto_sync_inbound as i
    where i.contact_id = any(%(contact_ids)s::uuid[]) or i.phone_number = any(%(numbers)s::text[])
  ),
  'syncs', (
    select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'event_name', s.event_name, 'status', s.status)), '[]')
    from public.auto_syncs as s
    where s.id in (select t.auto_sync_id from texts as t)
  ),
  'said_stop', (
    select coalesce(jsonb_agg(jsonb_build_object('at', s.suppressed_at, 'source', s.source)), '[]')
    from public.auto_sync_suppressions as s
    where s.number_hash in (
        select public.autosync_number_hash(n.phone_number) from unnest(%(numbers)s::text[]) as n (phone_number)
      )
  )
) as document
