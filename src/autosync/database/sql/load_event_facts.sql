-- What the events of these syncs tell, with the options of %(option_ids)s, each its sync's: by sync, its event, the
-- option, and the addresses of all who were asked and have not opted out, as written; primary keys,
-- idx_auto_sync_messages_auto_sync_id, idx_auto_sync_suppressions_ending.
-- Syncs that are gone are missing, and so are those that have lost their option, or are not of %(owner_ids)s, each its
-- event's organizer: somebody else may have taken a deleted sync's id.
-- An offset keeps each look-up from becoming a scan of its table where statistics are old or missing; the organizers,
-- %(organizer_ids)s, are looked up once, however many events they have.
with organizers as materialized (
  select
    p.id,
    p.preferred_timezone
  from public.profiles as p
  where p.id = any(array(select unnest(%(organizer_ids)s::uuid[])))
)

select
  w.sync_id,
  left(s.event_name, 400) as event_name,
  left(s.event_location, 400) as event_location,
  coalesce(nullif(s.timezone, ''), nullif(p.preferred_timezone, ''), 'UTC') as timezone,
  o.idx,
  o.start_time,
  o.end_time,
  coalesce(a.addresses, '{}') as addresses
from unnest(%(sync_ids)s::uuid[], %(option_ids)s::uuid[], %(owner_ids)s::uuid[]) as w (sync_id, option_id, owner_id)
cross join
  lateral (
    select
      event_name,
      event_location,
      timezone,
      organizer_id
    from public.auto_syncs
    where id = w.sync_id
    offset 0
  ) as s
inner join organizers as p on p.id = s.organizer_id and p.id = w.owner_id
cross join
  lateral (
    select
      idx,
      start_time,
      end_time
    from public.auto_sync_options
    where auto_sync_id = w.sync_id and id = w.option_id
    offset 0
  ) as o
cross join
  lateral (
    select array_agg(left(c.email, 320)) as addresses
    from (
      select contact_id
      from public.auto_sync_invitees
      where auto_sync_id = w.sync_id
      offset 0
    ) as i
    cross join
      lateral (
        select
          email,
          phone_number
        from public.contacts
        where id = i.contact_id
        offset 0
      ) as c
    left join lateral (
      select true as opted_out
      from public.auto_sync_suppressions
      where right(phone_number, 7) = right(c.phone_number, 7) and phone_number = c.phone_number
      offset 0
    ) as stopped on true
    where c.email is not null and stopped.opted_out is null
  ) as a
