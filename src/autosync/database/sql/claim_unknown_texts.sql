-- Up to %(limit)s unknown texts whose look-up is due, which nobody else looks up for %(lease)s; with how long ago each
-- was claimed and has been in doubt, the gateway's ids of other texts to its number since about then, expired ones and its own included, and
-- the words of those others that have no id yet. Moments that another client writes count from within a year: nothing can
-- reckon with infinity; idx_auto_sync_messages_unknown, idx_auto_sync_messages_phone_number.
with due as (
  select m.id
  from public.auto_sync_messages as m
  where m.status = 'unknown' and m.send_after <= (select public.autosync_now())
  order by m.send_after
  limit (select %(limit)s::bigint)
  for no key update skip locked
),

claimed as (
  update public.auto_sync_messages as m
  set send_after = (select public.autosync_now()) + %(lease)s::interval
  where m.id = any(array(select due.id from due))
  returning
    m.id, m.auto_sync_id, m.attempt, m.phone_number, m.body, m.gateway, m.expired_ids, m.doubted_at,
    greatest(least(m.claimed_at, clock_timestamp()), clock_timestamp() - interval '1 year') as claimed_at,
    case
      when coalesce(m.doubted_at, m.claimed_at) <= clock_timestamp() + interval '1 hour'
        then greatest(least(coalesce(m.doubted_at, m.claimed_at), clock_timestamp()), clock_timestamp() - interval '1 year')
      else clock_timestamp() - interval '1 year'
    end as doubtful_since
)

select
  claimed.id,
  claimed.auto_sync_id,
  claimed.attempt,
  claimed.claimed_at,
  claimed.phone_number,
  claimed.body,
  claimed.gateway,
  clock_timestamp() - claimed.claimed_at as age,
  coalesce(others.known_ids, '{}') || coalesce(claimed.expired_ids, '{}') as known_ids,
  coalesce(others.bodies, '{}') as other_bodies,
  clock_timestamp() - claimed.doubtful_since as doubtful_for,
  claimed.doubted_at is not null as made_anew
from claimed
cross join
  lateral (
    select
      array_agg(had.id) filter (where had.id is not null) as known_ids,
      array_agg(other.body) filter (where other.gateway_message_id is null and other.body is not null) as bodies
    from public.auto_sync_messages as other
    cross join lateral unnest(other.gateway_message_id || coalesce(other.expired_ids, '{}')) as had (id)
    where other.phone_number = claimed.phone_number and other.id <> claimed.id
      and other.claimed_at > claimed.claimed_at - interval '10 minutes'
  ) as others
order by claimed.claimed_at
