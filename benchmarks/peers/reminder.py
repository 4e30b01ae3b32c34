"""The work of a due reminder, as somebody would write it who uses one of these libraries well.

One transaction, a handful of parameterized statements that the driver prepares. What schedules the follow-up and
completes the job is the library's own. No import of the project: each peer has an environment of its own.
"""

from __future__ import annotations

import asyncio
import re
import sys
from functools import cache
from zoneinfo import ZoneInfo

READ_SYNC = """select s.status::text, s.event_name, s.event_location, s.timezone, p.first_name, p.last_name
from auto_syncs s join profiles p on p.id = s.organizer_id where s.id = $1"""
READ_INVITEES = """select i.contact_id, r.contact_id is not null from auto_sync_invitees i
left join auto_sync_responses r on r.auto_sync_id = i.auto_sync_id and r.contact_id = i.contact_id
where i.auto_sync_id = $1"""
READ_OPTIONS = "select idx, start_time, end_time from auto_sync_options where auto_sync_id = $1 order by idx"
WRITE_TEXTS = """insert into auto_sync_messages
(auto_sync_id, contact_id, message_type, cause_id, body, status, sent_at, send_after, turn_at, created_at)
select $1, t.contact_id, t.message_type, $1, t.body, 'queued', null, now(), now(), now()
from unnest($2::uuid[], $3::text[], $4::text[]) as t (contact_id, message_type, body)"""
MARK_REMINDED = "update auto_syncs set last_reminder_sent_at = now() where id = $1"
NOTE_LATENESS = "insert into bench_lateness (late) select clock_timestamp() - $1::timestamptz"
ALL_SYNCS = "select id from auto_syncs order by started_at"


@cache
def for_psycopg(statement: str) -> str:
    """The same statement with psycopg's parameters."""
    return re.sub(r"\$(\d)", r"%(p\1)s", statement)


def when(starts, ends, zone: str) -> str:
    """Such as `Fri Dec 18, 6-8 PM EST`."""
    first, last = starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    return f"{first:%a %b} {first.day}, {first.hour % 12 or 12}-{last.hour % 12 or 12} {last:%p %Z}"


def texts(sync, invitees, options):
    """Recipients, types and words of all that is to be written."""
    _, event, place, zone, first_name, last_name = sync
    silent = [contact for contact, answered in invitees if not answered]
    lines = "\n".join(f"{number}) {when(starts, ends, zone)}" for number, starts, ends in options)
    body = (
        f"{first_name} {last_name} would love to hear from you about {event} at {place}. Which times work?\n{lines}\n"
        "Reply with all that work (like 1,3) or NONE."
    )
    report = f"{event}: reminded {len(silent)} of {len(invitees)}. Answered so far: {len(invitees) - len(silent)}."
    types = ["reminder"] * len(silent) + ["reminder_update"]
    return [*silent, None], types, [body] * len(silent) + [report]


async def wait_for_go() -> None:
    """Says that it is ready, and waits for the word to go."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
