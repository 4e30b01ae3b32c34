-- Takes words and numbers out of the texts of up to %(limit)s syncs that ended more than %(keep)s ago, and forgets as many
-- texts that came in before that; how many syncs and texts; idx_auto_syncs_ended, idx_auto_sync_messages_auto_sync_id,
-- idx_auto_sync_inbound_received_at. A sync with a text that may still leave, or that nobody has settled, waits.
with old as (
  select s.id
  from public.auto_syncs as s
  where s.status in ('completed', 'stopped') and s.texts_forgotten_at is null
    and coalesce(s.completed_at, s.stopped_at) < (select public.autosync_now()) - %(keep)s::interval
    and not exists (
      select from public.auto_sync_messages as m
      where m.auto_sync_id = s.id and m.status in ('queued', 'sending', 'unknown')
    )
  order by coalesce(s.completed_at, s.stopped_at)
  limit (select %(limit)s::bigint)
  for no key update skip locked
),

texts as (
  update public.auto_sync_messages as m
  set body = null, phone_number = null
  where m.auto_sync_id = any(array(select old.id from old)) and (m.body is not null or m.phone_number is not null)
),

marked as (
  update public.auto_syncs as s
  set texts_forgotten_at = (select public.autosync_now())
  where s.id = any(array(select old.id from old))
  returning 1
),

came_in as (
  delete from public.auto_sync_inbound
  where id = any(array(
      select i.id from public.auto_sync_inbound as i
      where i.received_at < (select public.autosync_now()) - %(keep)s::interval
      order by i.received_at
      limit (select %(limit)s::bigint)
      for update skip locked
    ))
  returning 1
)

select (select count(*) from marked) + (select count(*) from came_in) as forgotten
