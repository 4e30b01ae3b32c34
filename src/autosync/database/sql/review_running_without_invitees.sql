-- How many of %(looked_through)s running syncs that are older than %(old_enough)s have asked nobody, counted to
-- %(enough)s, and one of them; idx_auto_syncs_status, idx_auto_sync_messages_auto_sync_id.
select
  count(*) as syncs,
  min(d.id::text) as example
from (
  select s.id
  from (
    select
      r.id,
      coalesce(r.started_at, r.created_at) as started_at
    from public.auto_syncs as r
    where r.status = 'running'
    limit %(looked_through)s
  ) as s
  where s.started_at < (select public.autosync_now()) - %(old_enough)s::interval
    and not exists (
      select from public.auto_sync_messages as m
      where m.auto_sync_id = s.id and m.message_type = 'initial' and m.contact_id is not null
    )
  limit %(enough)s
) as d
