-- Takes words and numbers out of the texts of up to %(limit)s syncs that ended more than %(keep)s ago, out of as many thank-yous
-- for answers that came later still, and out of as many texts that came in before that, but for those of syncs that go
-- on; how many of all three; idx_auto_syncs_ended, idx_auto_sync_messages_auto_sync_id, idx_auto_sync_messages_late,
-- idx_auto_sync_inbound_received_at. A sync with a text that may still leave, or that nobody has settled, waits. Of what
-- came in the row stays, by which it is known if it comes again.
with old as (
  select s.id
  from public.auto_syncs as s
  where s.status in ('completed', 'stopped') and s.texts_forgotten_at is null
    and greatest(s.completed_at, s.stopped_at) < (select public.autosync_now()) - %(keep)s::interval
    and not exists (
      select from public.auto_sync_messages as m
      where m.auto_sync_id = s.id and m.status in ('queued', 'sending', 'unknown')
    )
  order by greatest(s.completed_at, s.stopped_at)
  limit (select %(limit)s::bigint)
  for no key update skip locked
),

late as (
  select m.id
  from public.auto_sync_messages as m
  where m.message_type = 'late_answer' and m.body is not null
    and m.created_at < (select public.autosync_now()) - %(keep)s::interval
    and m.status in ('sent', 'delivered', 'failed', 'canceled')
    and m.auto_sync_id <> all(array(select old.id from old))
  order by m.created_at
  limit (select %(limit)s::bigint)
  for no key update skip locked
),

texts as (
  update public.auto_sync_messages as m
  set body = null, phone_number = null
  where m.auto_sync_id = any(array(select old.id from old)) and (m.body is not null or m.phone_number is not null)
),

thanked as (
  update public.auto_sync_messages as m
  set body = null, phone_number = null
  where m.id = any(array(select late.id from late))
  returning 1
),

marked as (
  update public.auto_syncs as s
  set texts_forgotten_at = (select public.autosync_now())
  where s.id = any(array(select old.id from old))
  returning 1
),

came_in as (
  update public.auto_sync_inbound
  set body = '', phone_number = ''
  where id = any(array(
      select i.id from public.auto_sync_inbound as i
      left join public.auto_syncs as s on s.id = i.auto_sync_id
      where i.received_at < (select public.autosync_now()) - %(keep)s::interval and i.phone_number <> ''
        and (s.id is null or s.status in ('completed', 'stopped'))
      order by i.received_at
      limit (select %(limit)s::bigint)
      for update of i skip locked
    ))
  returning 1
)

select (select count(*) from marked) + (select count(*) from thanked) + (select count(*) from came_in) as forgotten
