-- A batch of due reminders as one would write it by hand, in one statement and without any of the program's rules, retries
-- or isolation of what fails: how fast PostgreSQL itself makes the same rows. Ids go up, as ours do; PostgreSQL 18.
with due as materialized (
  select
    j.id as job_id,
    s.id as sync_id,
    s.event_name,
    s.event_location,
    s.timezone,
    p.first_name || ' ' || p.last_name as organizer_name
  from public.job_queue as j
  inner join public.auto_syncs as s on s.id = j.sync_id
  inner join public.profiles as p on p.id = s.organizer_id
  where j.status = 'pending' and j.job_type = 'reminder_24h' and j.scheduled_at <= now() and s.status = 'running'
  order by j.scheduled_at
  limit (select %(limit)s::bigint)
  for no key update of j, s skip locked
),

worded as materialized (
  select
    d.*,
    d.organizer_name || ' would love to hear from you about ' || d.event_name || ' at ' || d.event_location
    || E'. Which of these times work for you?\n' || o.listed
    || E'\nReply with all the numbers that work, e.g. 1, 3 or 2. Or reply none.' as body
  from due as d
  cross join lateral (
    select
      string_agg(
        o.idx || ') ' || to_char(o.start_time at time zone d.timezone, 'Dy Mon FMDD, FMHH-')
        || to_char(o.end_time at time zone d.timezone, 'FMHH AM') || ' EST', E'\n'
        order by o.idx
      ) as listed
    from public.auto_sync_options as o
    where o.auto_sync_id = d.sync_id
  ) as o
),

asked as materialized (
  select
    d.sync_id,
    m.contact_id,
    r.contact_id is not null as answered
  from due as d
  cross join
    lateral (
      select distinct contact_id
      from public.auto_sync_messages
      where auto_sync_id = d.sync_id and message_type = 'initial' and contact_id is not null
      offset 0
    ) as m
  left join lateral (
    select contact_id
    from public.auto_sync_responses
    where auto_sync_id = d.sync_id and contact_id = m.contact_id
    offset 0
  ) as r on true
),

reminders as (
  insert into public.auto_sync_messages (
    id, auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at
  )
  select
    uuidv7(),
    w.sync_id,
    a.contact_id,
    'reminder',
    w.job_id,
    w.body,
    'queued',
    null,
    now(),
    now(),
    now()
  from worded as w
  inner join asked as a on a.sync_id = w.sync_id
  where not a.answered
),

updates as (
  insert into public.auto_sync_messages (
    id, auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at
  )
  select
    uuidv7(),
    d.sync_id,
    null,
    'reminder_update',
    d.job_id,
    d.event_name || ': reminded ' || c.silent || ' of ' || c.all_asked || '. Answered so far: ' || c.all_asked - c.silent,
    'queued',
    null,
    now(),
    now(),
    now()
  from due as d
  inner join (
    select
      a.sync_id,
      count(*) filter (where not a.answered) as silent,
      count(*) as all_asked
    from asked as a
    group by a.sync_id
  ) as c on c.sync_id = d.sync_id
),

reminded as (
  update public.auto_syncs as s
  set last_reminder_sent_at = now()
  from due as d
  where s.id = d.sync_id and s.id = any(array(select sync_id from due))
),

follow_ups as (
  insert into public.job_queue (id, sync_id, job_type, scheduled_at)
  select
    uuidv7(),
    d.sync_id,
    'pause_check_48h',
    now() + interval '24 hours'
  from due as d
)

update public.job_queue as j
set status = 'processed', processed_at = now()
from due as d
where j.id = d.job_id and j.id = any(array(select job_id from due))
