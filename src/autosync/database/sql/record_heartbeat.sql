-- Says that a worker lives; primary key. `still`: how long its claim loop has stood still; `unclaimed`: how long ago it
-- last had something in hand, null for never.
insert into public.auto_sync_workers as w (id, name, version, does, turned_at, last_claimed_at)
values (
  %(id)s, %(name)s, %(version)s, %(does)s, now() - %(still)s::interval, now() - %(unclaimed)s::interval
)
on conflict (id) do update
  set seen_at = now(), turned_at = excluded.turned_at, last_claimed_at = excluded.last_claimed_at
