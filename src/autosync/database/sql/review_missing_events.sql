-- How many of %(looked_through)s completed syncs, of people who have a calendar connected, have a chosen time that lies
-- ahead and no event, counted to %(enough)s, and one of them; few people, idx_auto_syncs_organizer_status, primary keys.
select
  count(*) as syncs,
  min(d.id::text) as example
from (
  select s.id
  from (
    select
      c.id,
      lower(c.metadata ->> 'chosen_option_id') as chosen
    from public.google_calendar_tokens as t
    inner join public.auto_syncs as c on c.organizer_id = t.user_id
    where c.status = 'completed'
    limit %(looked_through)s
  ) as s
  inner join public.auto_sync_options as o on o.auto_sync_id = s.id and o.id::text = s.chosen
  where o.start_time > (select public.autosync_now())
    and not exists (select from public.auto_sync_events as e where e.sync_id = s.id)
  limit %(enough)s
) as d
