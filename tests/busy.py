"""A database after three busy days, with thousands of jobs and texts and most of what can go wrong, to look at."""

from __future__ import annotations

from typing import LiteralString

from autosync.database.pool import Connection

JOBS = 6_000

# Triggers are off: nothing follows from these rows. One sync in fifty is of the half hour in which nobody was at work.
_ROWS: LiteralString = """
insert into auth.users (id) select md5('user' || n)::uuid from generate_series(1, 40) n;

insert into profiles (id, first_name, last_name, phone_number, preferred_timezone)
select
  md5('user' || n)::uuid, (array['Maya', 'Jonas', 'Priya', 'Sam', 'Ines'])[n % 5 + 1],
  (array['Lopez', 'Weber', 'Nair', 'Okafor'])[n % 4 + 1], '+1212' || 5550000 + n, 'America/New_York'
from generate_series(1, 40) n;

insert into contacts (id, user_id, first_name, last_name, phone_number)
select
  md5('contact' || n)::uuid, md5('user' || n % 40 + 1)::uuid,
  (array['Ann', 'Ben', 'Chloe', 'Dev', 'Eli', 'Fay', 'Gus', 'Hana'])[n % 8 + 1],
  (array['Kim', null, 'Rossi', 'Haddad', 'Young'])[n % 5 + 1], '+1646' || 5550000 + n
from generate_series(1, 400) n;

insert into auto_syncs (id, organizer_id, event_name, status, timezone, started_at)
select
  md5('sync' || n)::uuid, md5('user' || n % 40 + 1)::uuid,
  (array[
    'Board game night', 'Sunday hike', 'Book club', 'Team dinner', 'Choir rehearsal', 'Five-a-side', 'Film night',
    'Allotment day', 'Pub quiz'
  ])[n % 9 + 1],
  (array['completed', 'paused', 'running', 'running'])[n % 4 + 1]::auto_sync_status, 'America/New_York',
  now() - interval '48 hours'
from generate_series(1, {jobs}) n;

-- Done: more in the evening; late for half an hour yesterday, and for some minutes an hour ago.
insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at, error_message)
select
  md5('sync' || n)::uuid, (array['reminder_24h', 'pause_check_48h', 'auto_end_check'])[n % 3 + 1], d.due,
  case when n % 11 = 0 then 'skipped' else 'processed' end,
  d.due + interval '1 second' * (
    0.05 + 0.9 * abs(sin(n)) + case when n % 97 = 0 then 14 * abs(cos(n)) else 0 end
    + case
      when d.due between now() - interval '27 hours' and now() - interval '26 hours 30 minutes'
        then extract(epoch from now() - interval '26 hours 30 minutes' - d.due)
      when d.due between now() - interval '70 minutes' and now() - interval '64 minutes'
        then extract(epoch from now() - interval '64 minutes' - d.due)
      else 0
    end
  ),
  case when n % 11 = 0 then 'The sync was completed before this job was due.' end
from generate_series(1, {jobs}) n
cross join lateral (
  select now() - interval '1 second' * (n * 43.0 + 3000 * sin(n / 640.0) + 20) as due
) d;

-- What is ahead, what is due, and what failed.
insert into job_queue (sync_id, job_type, scheduled_at)
select
  md5('sync' || n)::uuid, (array['reminder_24h', 'pause_check_48h', 'auto_end_check'])[(n + 1) % 3 + 1],
  now() + interval '90 seconds' * n
from generate_series(1, 1200) n;
insert into job_queue (id, sync_id, job_type, scheduled_at, error_message)
select
  md5('due' || n)::uuid, md5('sync' || 2000 + n)::uuid, 'reminder_24h', now() + interval '40 seconds' * (n - 5),
  'relation "contacts" is locked'
from generate_series(1, 9) n;
insert into job_queue (id, sync_id, job_type, scheduled_at, status, processed_at, error_message)
select
  md5('failed' || n)::uuid, md5('sync' || 3000 + n)::uuid,
  (array['reminder_24h', 'pause_check_48h'])[n % 2 + 1], now() - interval '53 minutes' * n, 'failed',
  now() - interval '53 minutes' * n + interval '20 minutes',
  (array[
    'The time zone ''Amerika/New_York'' does not exist.',
    'ZoneInfoNotFoundError: ''No time zone found with key Mars/Olympus''',
    'The event name is longer than any text.'
  ])[n % 3 + 1]
from generate_series(1, 31) n;
insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)
select j.id, a, j.scheduled_at + interval '4 minutes' * a, j.scheduled_at, j.error_message
from job_queue j, generate_series(1, 5) a where j.status = 'failed';
insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)
select j.id, 1, now() - interval '2 minutes', now() - interval '3 minutes', j.error_message
from job_queue j where j.status = 'pending' and j.error_message is not null;

-- Texts: sent, failed by code, held until morning, unknown, due.
insert into auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, phone_number, sent_at, created_at,
  claimed_at, attempt, gateway, gateway_message_id, cause_id)
select
  md5('sync' || n)::uuid, md5('contact' || n % 400 + 1)::uuid, (array['initial', 'reminder', 'invite'])[n % 3 + 1],
  case when n % 3 = 0 then 'sent' else 'delivered' end, 'Nobody may read this on /ops',
  '+1646' || 5550000 + n % 400 + 1, d.at, d.at - interval '3 seconds', d.at - interval '1 second', 1, 'twilio',
  'SM' || md5('sms' || n), md5('cause' || n)::uuid
from generate_series(1, {jobs}) n
cross join lateral (
  select now() - interval '1 second' * (n * 43.0 + 3000 * sin(n / 640.0) + 10) as at
) d;
insert into auto_sync_messages (id, auto_sync_id, contact_id, message_type, status, body, sent_at, created_at,
  claimed_at, attempt, gateway, error_code, status_reason, cause_id)
select
  md5('failedtext' || n)::uuid, md5('sync' || n)::uuid, md5('contact' || n % 400 + 1)::uuid,
  (array['initial', 'reminder', 'invite'])[n % 3 + 1], 'failed', 'Nobody may read this on /ops', null,
  now() - interval '31 minutes' * n, now() - interval '31 minutes' * n, 1, 'twilio',
  (array['21211', '30003', '30003', '21610', '30007'])[n % 5 + 1],
  (array[
    'The number is not a valid phone number.', 'The phone cannot be reached.', 'The phone cannot be reached.',
    'The number has opted out.', 'The carrier filtered it.'
  ])[n % 5 + 1], md5('cause-f' || n)::uuid
from generate_series(1, 90) n;
insert into auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, sent_at, send_after,
  status_reason, created_at, cause_id)
select
  md5('sync' || 40 + n)::uuid, md5('contact' || n)::uuid, 'reminder', 'queued', 'Nobody may read this on /ops', null,
  now() + interval '5 hours' + interval '20 seconds' * n, 'It is night where +1212 is; the day begins there at 09:00.',
  now() - interval '1 hour', md5('cause-h' || n)::uuid
from generate_series(1, 64) n;
insert into auto_sync_messages (id, auto_sync_id, contact_id, message_type, status, body, sent_at, send_after,
  status_reason, created_at, claimed_at, attempt, gateway, phone_number, cause_id)
select
  md5('unknown' || n)::uuid, md5('sync' || 60 + n)::uuid, md5('contact' || n)::uuid, 'invite', 'unknown',
  'Nobody may read this on /ops', null, case when n > 2 then now() + interval '40 minutes' end,
  'The gateway did not answer within 10 seconds, so it may or may not have left.', now() - interval '26 hours' / n,
  now() - interval '26 hours' / n, 1, 'twilio', '+1646' || 5550000 + n, md5('cause-u' || n)::uuid
from generate_series(1, 5) n;
insert into auto_sync_messages (auto_sync_id, contact_id, message_type, status, body, sent_at, send_after, created_at,
  cause_id)
select
  md5('sync' || 80 + n)::uuid, md5('contact' || n)::uuid, 'initial', 'queued', 'Nobody may read this on /ops', null,
  now() - interval '2 seconds', now() - interval '3 seconds', md5('cause-d' || n)::uuid
from generate_series(1, 3) n;

insert into auto_sync_workers (id, name, version, does, started_at, seen_at, turned_at, last_claimed_at, stopped_at)
values
(gen_random_uuid(), 'web-1:4711', '0.2.0', 'processor, dispatcher, housekeeping', now() - interval '31 hours',
  now() - interval '4 seconds', now() - interval '5 seconds', now() - interval '7 seconds', null),
(gen_random_uuid(), 'web-2:812', '0.2.0', 'processor, dispatcher, housekeeping', now() - interval '31 hours',
  now() - interval '8 seconds', now() - interval '9 seconds', now() - interval '2 minutes', null),
(gen_random_uuid(), 'web-1:388', '0.1.0', 'processor, dispatcher, housekeeping', now() - interval '80 hours',
  now() - interval '20 hours', now() - interval '20 hours', now() - interval '20 hours', now() - interval '20 hours'),
(gen_random_uuid(), 'web-3:90', '0.1.0', 'processor, dispatcher, housekeeping', now() - interval '80 hours',
  now() - interval '3 hours', now() - interval '3 hours', now() - interval '3 hours', null);
"""


async def make_busy(connection: Connection, *, jobs: int = JOBS) -> None:
    """Three busy days, with `jobs` jobs done and as many texts sent. Needs a superuser, to keep triggers off."""
    async with connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for statement in _ROWS.format(jobs=jobs).split(";\n"):
            if statement.strip():
                await connection.execute(statement.encode())
    await connection.execute("analyze")
