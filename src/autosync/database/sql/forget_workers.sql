-- Forgets up to %(limit)s workers that were last seen a day ago; a handful of rows, read as a whole.
delete from public.auto_sync_workers
where id = any(array(
    select w.id from public.auto_sync_workers as w
    where w.seen_at < now() - interval '24 hours'
    order by w.seen_at
    limit (select %(limit)s::bigint)
    for update skip locked
  ))
