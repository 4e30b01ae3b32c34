-- How many texts were claimed longer than %(lease)s ago and never reported on, and of how many nobody knows whether
-- they left, each counted to %(enough)s, with the oldest and the seconds since; idx_auto_sync_messages_in_flight.
select
  (
    select count(*) from (
      select from public.auto_sync_messages as m
      where m.status = 'sending' and m.claimed_at < clock_timestamp() - %(lease)s::interval
      limit %(enough)s
    ) as d
  ) as abandoned,
  (
    select count(*) from (
      select from public.auto_sync_messages as m
      where m.status = 'unknown'
      limit %(enough)s
    ) as d
  ) as unknown,
  (
    select m.id::text from public.auto_sync_messages as m
    where m.status = 'unknown'
    order by m.claimed_at
    limit 1
  ) as example,
  coalesce((
    select extract(epoch from clock_timestamp() - least(greatest(m.claimed_at, '2000-01-01'), clock_timestamp()))
    from public.auto_sync_messages as m
    where m.status = 'unknown' and m.claimed_at is not null
    order by m.claimed_at
    limit 1
  ), 0)::float8 as seconds
