-- How many texts were claimed longer than %(lease)s ago and never reported on; of how many nobody knows whether they
-- left that are looked up, and of how many that are not any more. Each is counted to %(enough)s; of the last two the
-- oldest counted, and the seconds since; idx_auto_sync_messages_in_flight, idx_auto_sync_messages_unknown.
with looked_up as (
  select
    m.id,
    m.claimed_at
  from public.auto_sync_messages as m
  where m.status = 'unknown' and m.send_after is not null
  limit %(enough)s
),

given_up as (
  select
    m.id,
    m.claimed_at
  from public.auto_sync_messages as m
  where m.status = 'unknown' and m.send_after is null
  limit %(enough)s
)

select
  (
    select count(*) from (
      select from public.auto_sync_messages as m
      where m.status = 'sending' and m.claimed_at < clock_timestamp() - %(lease)s::interval
      limit %(enough)s
    ) as d
  ) as abandoned,
  (select count(*) from looked_up) as looked_up,
  (select d.id::text from looked_up as d order by d.claimed_at limit 1) as example,
  coalesce((
    select extract(epoch from clock_timestamp() - least(greatest(d.claimed_at, '2000-01-01'), clock_timestamp()))
    from looked_up as d
    where d.claimed_at is not null
    order by d.claimed_at
    limit 1
  ), 0)::float8 as seconds,
  (select count(*) from given_up) as given_up,
  (select d.id::text from given_up as d order by d.claimed_at limit 1) as example_given_up,
  coalesce((
    select extract(epoch from clock_timestamp() - least(greatest(d.claimed_at, '2000-01-01'), clock_timestamp()))
    from given_up as d
    where d.claimed_at is not null
    order by d.claimed_at
    limit 1
  ), 0)::float8 as seconds_given_up
