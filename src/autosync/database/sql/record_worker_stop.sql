-- Says that a worker stops; primary key.
update public.auto_sync_workers
set seen_at = now(), stopped_at = now()
where id = %(id)s
