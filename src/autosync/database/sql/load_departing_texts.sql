-- Claimed texts, oldest first, with what is true at this moment, read under their locks; primary
-- keys, idx_auto_sync_messages_once. superseded: a later one of its kind takes its place, and of an invite, that another
-- time is chosen, where it says for which it is. over_at: of an invite, when the chosen option is over, where that is known. turn: where
-- the next claim begins; two seconds back at least, for what is queued now and committed a little later. age: within a
-- year, whatever moment another client writes: nothing can reckon with infinity.
select
  m.id,
  m.auto_sync_id,
  m.message_type,
  m.body,
  case when m.contact_id is null then p.phone_number else c.phone_number end as phone_number,
  coalesce(nullif(s.timezone, ''), nullif(p.preferred_timezone, ''), 'UTC') as timezone,
  s.status::text as sync_status,
  exists(
    select from public.auto_sync_responses as r
    where r.auto_sync_id = m.auto_sync_id and r.contact_id = m.contact_id
  ) as answered,
  (
    select
      coalesce(
        max(coalesce(o.end_time, o.start_time)) filter (
          where m.message_type = 'invite' and o.id::text = lower(s.metadata ->> 'chosen_option_id')
        ),
        max(coalesce(o.end_time, o.start_time))
      )
    from public.auto_sync_options as o
    where o.auto_sync_id = m.auto_sync_id
  ) as over_at,
  case
    when m.message_type = 'invite' and m.cause_id = any(chosen.of_all)
      then m.cause_id <> chosen.id
    when m.contact_id is null
      then exists (
          select from public.auto_sync_messages as later
          where later.auto_sync_id = m.auto_sync_id and later.contact_id is null
            and later.message_type = m.message_type and later.cause_id is not null and later.created_at > m.created_at
        )
    else exists (
        select from public.auto_sync_messages as later
        where later.auto_sync_id = m.auto_sync_id and later.contact_id = m.contact_id
          and later.message_type = m.message_type and later.cause_id is not null and later.created_at > m.created_at
      )
  end as superseded,
  (select public.autosync_now()) - greatest(
    least(m.created_at, (select public.autosync_now())), (select public.autosync_now()) - interval '1 year'
  ) as age,
  (select h.reason from public.auto_sync_sending_pauses as h where h.organizer_id = s.organizer_id) as paused_because,
  m.message_type = 'reminder' and exists (
    select from public.auto_sync_messages as first
    where first.auto_sync_id = m.auto_sync_id and first.contact_id = m.contact_id
      and first.message_type = 'initial' and first.cause_id is not null
      and (first.status in ('queued', 'sending') or first.status = 'unknown' and first.send_after is not null)
  ) as first_is_open,
  m.message_type = 'reminder' and exists (
    select from public.auto_sync_messages as first
    where first.auto_sync_id = m.auto_sync_id and first.contact_id = m.contact_id
      and first.message_type = 'initial' and first.cause_id is not null and first.status in ('failed', 'canceled')
  ) as first_is_lost,
  coalesce(m.is_resolved, false) as is_settled,
  m.cause_id,
  least(coalesce(m.turn_at, m.send_after), (select public.autosync_now()) - interval '2 seconds') as turn
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
left join lateral (
  select
    array_agg(o.id) as of_all,
    (array_agg(o.id) filter (where o.id::text = lower(s.metadata ->> 'chosen_option_id')))[1] as id
  from public.auto_sync_options as o
  where m.message_type = 'invite' and o.auto_sync_id = m.auto_sync_id
) as chosen on chosen.id is not null
where m.id = any(array(select unnest(%(message_ids)s::uuid[])))
  and m.auto_sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
order by m.send_after, m.created_at, m.id
