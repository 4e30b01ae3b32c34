-- Locks how far each of these scopes has used up its rate, so that only one dispatcher at a time lets texts go; a scope
-- that is new is free; primary key. With the server's own now, as rates are about real seconds. All others wait for
-- these, so the transaction must not be left alone for long.
insert into public.auto_sync_send_rates as r (scope, free_at)
select
  s.scope,
  clock_timestamp()
from unnest(%(scopes)s::text[]) as s (scope)
order by s.scope
on conflict (scope) do update set free_at = r.free_at
returning
  r.scope,
  r.free_at,
  clock_timestamp() as now,
  (select set_config('idle_in_transaction_session_timeout', %(left_alone)s, true)) as left_alone
