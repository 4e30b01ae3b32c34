-- Takes these jobs out of pg_cron; returns a row for each.
select cron.unschedule(id)
from unnest(%(ids)s::bigint[]) as j (id)
