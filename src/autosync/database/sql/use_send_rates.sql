-- Notes how far these scopes have used up their rates; primary key.
update public.auto_sync_send_rates as r
set free_at = d.free_at
from unnest(%(scopes)s::text[], %(free_at)s::timestamptz[]) as d (scope, free_at)
where r.scope = d.scope
