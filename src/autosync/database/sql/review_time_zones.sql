-- The time zones of syncs that have not ended, as written, with how many syncs rest on each and one of them: the
-- commonest %(enough)s; idx_auto_syncs_status. from_profile: the sync names none, so its organizer's counts.
select
  coalesce(nullif(s.timezone, ''), nullif(p.preferred_timezone, ''), 'UTC') as timezone,
  nullif(s.timezone, '') is null as from_profile,
  count(*) as syncs,
  min(s.id::text) as example
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
where s.status in ('running', 'paused')
group by 1, 2
order by 3 desc
limit %(enough)s
