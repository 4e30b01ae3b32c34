-- One text with its sync, its recipient, what brought it about and how far it got; primary keys. When it was written
-- and claimed is told on the project's clock.
select
  m.id,
  m.message_type,
  m.status,
  m.status_reason,
  m.contact_id is null as to_organizer,
  case when m.contact_id is null then p.first_name else c.first_name end as first_name,
  case when m.contact_id is null then p.last_name else c.last_name end as last_name,
  right(
    regexp_replace(
      coalesce(m.phone_number, case when m.contact_id is null then p.phone_number else c.phone_number end),
      '\D', '', 'g'
    ), 4
  ) as ending,
  m.auto_sync_id,
  s.event_name,
  s.status::text as sync_status,
  m.send_after,
  m.attempt,
  m.claimed_at + (public.autosync_now() - now()) as claimed_at,
  m.gateway,
  m.gateway_message_id,
  m.error_code,
  m.sent_at,
  public.autosync_now() as now,
  (select h.reason from public.auto_sync_sending_pauses as h where h.organizer_id is null) as paused_because,
  m.taken_by,
  m.created_at + (public.autosync_now() - now()) as created_at,
  m.cause_id is not null as is_ours,
  j.id as cause_job_id,
  j.job_type as cause_job_type
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
left join public.job_queue as j on j.id = m.cause_id
where m.id = %(message_id)s
