"""Organizers, invitees and other clients, who go on whatever breaks: each does its thing again until it is done.

Days are short: the demo's clock jumps from noon to noon, now and then with a night in between. What a sync goes
through in three days, hundreds go through at once. `clock` remembers each jump, so that any moment can be told in the
project's time.
"""

from __future__ import annotations

import asyncio
import bisect
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg

from autosync import syncs
from autosync.database import clock
from autosync.database.pool import Connection, DatabaseAwayError, connect
from autosync.model import Refused, ResponseGoal
from factories import Factory, at_noon

CREW = 8
ORGANIZERS = 3000
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseAwayError, TimeoutError, OSError)
"""What a client is told whose database goes away."""
MOMENT = 2.0
"""Seconds between one round of doings and the next."""
PORTION = 200
"""Syncs, or answers, that a client writes at once: what it holds locks for, and has to do again after a cut."""

BEGIN = """
        with organizers as (
          select id, row_number() over (order by id) - 1 as place, count(*) over () as all_of_them from profiles
        ), new as (
          select o.id as organizer, gen_random_uuid() as sync, n
          from generate_series(1, %(count)s) n
          join organizers o on o.place = (hashint4(n + %(salt)s) & 2147483647) %% o.all_of_them
        ), asked as materialized (
          select new.*, gen_random_uuid() as contact, '+1212' || 2000000 + nextval('chaos_numbers') as number
          from new cross join generate_series(1, %(crew)s)
        ), people as (
          insert into contacts (id, user_id, first_name, phone_number)
          select contact, organizer, 'Ann', number from asked
        ), started as (
          insert into auto_syncs (id, organizer_id, event_name, timezone, response_goal, started_at)
          select sync, organizer, %(name)s || n, 'America/New_York',
            case when n %% 4 = 0 then 'critical_mass' else 'everyone' end::auto_sync_response_goal, autosync_now()
          from new
        ), offered as (
          insert into auto_sync_options (auto_sync_id, idx, start_time, end_time)
          select sync, idx, at, at + interval '2 hours' from new cross join generate_series(1, 2) idx
          cross join lateral (
            select autosync_now() + case when n %% 10 = 0 then interval '30 hours' else interval '240 hours' end
              + interval '1 hour' * idx as at
          ) t
        )
        insert into auto_sync_messages (auto_sync_id, contact_id, message_type, sent_at)
        select sync, contact, 'initial', autosync_now() from asked"""
ANSWER = """
insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type, responded_at, updated_at)
select m.auto_sync_id, m.contact_id, o.ids, 'available', autosync_now(), autosync_now()
from (
  select auto_sync_id, contact_id from auto_sync_messages
  where message_type = 'initial' and contact_id is not null and id in (
    select id from auto_sync_messages tablesample system_rows(%(sample)s)
  )
) m
join auto_syncs s on s.id = m.auto_sync_id and s.status in ('running', 'paused')
cross join lateral (
  select array_agg(id) as ids from auto_sync_options where auto_sync_id = m.auto_sync_id and idx = 1
) o
where o.ids is not null
order by m.auto_sync_id, m.contact_id
on conflict (auto_sync_id, contact_id) do update
set option_ids = excluded.option_ids, responded_at = excluded.responded_at, updated_at = excluded.updated_at
"""
SOME = "(select id from auto_syncs where status = '{status}' order by md5(id::text || {salt}) limit {count})"
NOT_ASKED = """
select s.id, c.id
from unnest(%(syncs)s::uuid[], %(contacts)s::uuid[]) as told (sync, contact)
join auto_syncs s on s.id = told.sync
join contacts c on c.id = told.contact
where not exists (
    select from auto_sync_messages m
    where m.auto_sync_id = s.id and m.contact_id = c.id and m.message_type = 'initial'
  )
  and not exists (
    select from auto_sync_inbound i
    where i.phone_number = c.phone_number and i.body = 'STOP' and i.received_at <= coalesce(s.started_at, s.created_at)
  )
"""
"""Of a crew, but for who has been deleted since, or had said stop before."""
OTHERS = (
    "update auto_syncs set status = 'stopped' where id in {running}",
    "update auto_syncs set status = 'paused' where id in {running}",
    "update auto_sync_options set start_time = start_time + interval '1 hour', end_time = end_time + interval '1 hour'"
    " where idx = 2 and auto_sync_id in {running}",
    "update auto_syncs set event_name = event_name || '!' where id in {paused}",
)
WORDS = ("1", "2", "1 and 2", "none", "maybe", "STOP", "START", "9", "can't make any", "Sounds great!")


@dataclass
class Clock:
    """The project's clock over the run: how far it was ahead, from which wall-clock moment on."""

    since: list[float] = field(default_factory=list)
    ahead: list[timedelta] = field(default_factory=list)

    def jumped(self, at: float, ahead: timedelta) -> None:
        """From this moment (seconds since the epoch) on."""
        self.since.append(at)
        self.ahead.append(ahead)

    def tell(self, at: datetime) -> datetime:
        """A wall-clock moment in the project's time."""
        place = bisect.bisect_right(self.since, at.timestamp()) - 1
        return at + (self.ahead[place] if place >= 0 else timedelta())

    def on_the_wall(self, at: datetime) -> datetime:
        """When a clock on the wall first saw this moment of the project's time: a jump is seen where it began."""
        begun = [since + ahead.total_seconds() for since, ahead in zip(self.since, self.ahead, strict=True)]
        place = max(bisect.bisect_right(begun, at.timestamp()) - 1, 0)
        seen = at - self.ahead[place]
        return min([seen, *(datetime.fromtimestamp(since, UTC) for since in self.since[place + 1 : place + 2])])


@dataclass
class Told:
    """What people were told is done, and so has to be there in the end, whatever was killed since."""

    begun: dict[str, int] = field(default_factory=dict)
    """How many syncs were inserted whose names begin so."""
    started: dict[UUID, frozenset[UUID]] = field(default_factory=dict)
    """The contacts in the crew of each that an organizer has started: all of them could be texted."""
    ended: dict[UUID, str] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    """Texts to us, by the gateway's id, that our webhook has confirmed."""

    async def broken(self, connection: Connection) -> list[str]:
        """What of it is not so, a line each."""
        return [line async for line in self._broken(connection)]

    async def _broken(self, connection: Connection) -> AsyncIterator[str]:
        for name, count in self.begun.items():
            there = await _count(connection, "select count(*) from auto_syncs where event_name like %s", f"{name}%")
            if there < count:
                yield f"lost: {count - there} of {count} syncs that were inserted as {name!r}"
        there = await _count(connection, "select count(*) from auto_syncs where id = any(%s)", list(self.started))
        if there < len(self.started):
            yield f"lost: {len(self.started) - there} syncs that their organizers had started"
        crews = [(sync, contact) for sync, crew in self.started.items() for contact in crew]
        parameters = {"syncs": [sync for sync, _ in crews], "contacts": [contact for _, contact in crews]}
        for sync, contact in await (await connection.execute(NOT_ASKED.encode(), parameters)).fetchall():
            yield f"lost: contact {contact} was in the crew, and has not been asked (sync {sync})"
        for status in ("completed", "stopped"):
            meant = [sync for sync, ended in self.ended.items() if ended == status]
            query = "select count(*) from auto_syncs where id = any(%s) and status::text = '" + status + "'"
            there = await _count(connection, query, meant)
            if there < len(meant):
                yield f"lost: {len(meant) - there} syncs that their organizers were told are {status}"
        query = "select count(*) from auto_sync_inbound where gateway_message_id = any(%s)"
        there = await _count(connection, query, list(self.received))
        if there != len(self.received):
            kind = "lost" if there < len(self.received) else "double"
            yield f"{kind}: {len(self.received)} texts to us were confirmed, and {there} are there"


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(moment - time.monotonic(), 0))


def _portions(count: int, most: int) -> list[int]:
    return [min(most, count - begun) for begun in range(0, count, most)]


async def _count(connection: Connection, query: str, value: Any) -> int:
    row = await (await connection.execute(query.encode(), [value])).fetchone()
    assert row is not None
    count: int = row[0]
    return count


class People:
    """Everybody outside. `done` counts what they did, by name; `forgotten`: numbers of deleted contacts."""

    def __init__(self, url: str, *, twilio_url: str, per_day: int, day: float, seed: int) -> None:
        self._url = url
        self._twilio_url = twilio_url
        self._per_day = per_day
        self._day = day
        self._dice = random.Random(seed)
        self.clock = Clock()
        self.done: Counter[str] = Counter()
        self.deadlocks = 0
        self.forgotten: set[str] = set()
        self.told = Told()
        self._organizers: list[UUID] = []
        # An answer that waits for a lock while the clock jumps would say that it came a day before it did.
        self._no_jump = asyncio.Lock()

    async def move_in(self) -> None:
        """Organizers, and noon on the demo's clock with the delays of production."""
        async with connect(self._url) as connection:
            factory = Factory(connection)
            await factory.do("create extension if not exists tsm_system_rows")
            await factory.do("create sequence chaos_numbers start 1")
            await at_noon(factory)
            await factory.do(
                "update auto_sync_settings set reminder_delay = '24 hours', pause_delay = '48 hours' where active"
            )
            self._organizers = [await factory.organizer() for _ in range(ORGANIZERS)]
            await self._note_the_clock(connection)

    async def live(self, until: float) -> None:
        """Day after day until this moment of the monotonic clock."""
        async with asyncio.TaskGroup() as group:
            for doing in (self._days, self._invitees, self._texters, self._choices, self._others):
                group.create_task(doing(until))

    async def _days(self, until: float) -> None:
        night, begins = 0, time.monotonic()
        while time.monotonic() < until:
            for count in _portions(self._per_day, PORTION):
                await self._again("started by other clients", self._starter(count))
            await _sleep_until(begins + self._day / 2)
            for _ in range(max(1, self._per_day // 20)):
                await self._again("started by organizers", self._start_one)
            await _sleep_until(begins + self._day)
            night, begins = night + 1, time.monotonic()
            hours = (11, 13) if night % 4 == 0 else (24,)
            for part in hours:
                async with self._no_jump:
                    await self._again("jumps of the clock", self._jumper(part))
                await asyncio.sleep(3 if part == 11 else 0)

    def _jumper(self, hours: int) -> Callable[[Connection], Awaitable[int]]:
        async def jump(connection: Connection) -> int:
            before = time.time()
            await clock.move_ahead(connection, timedelta(hours=hours))
            await self._note_the_clock(connection, at=before)
            return 1

        return jump

    async def _note_the_clock(self, connection: Connection, at: float | None = None) -> None:
        row = await (await connection.execute("select clock_offset from auto_sync_settings where active")).fetchone()
        assert row is not None
        self.clock.jumped(at or time.time(), row[0])

    def _starter(self, count: int) -> Callable[[Connection], Awaitable[int]]:
        async def start(connection: Connection) -> int:
            salt = self._dice.randrange(1 << 30)
            name = f"Tea {salt}-"  # of this attempt: one before it may have been done, and not been told
            async with connection.transaction():
                await connection.execute("set local jit = off")  # compiling this takes seconds
                await connection.execute(BEGIN.encode(), {"count": count, "crew": CREW, "salt": salt, "name": name})
            self.told.begun[name] = count
            return count

        return start

    async def _start_one(self, connection: Connection) -> int:
        """By the organizer's verb, with first texts of our own."""
        factory = Factory(connection)
        organizer = self._dice.choice(self._organizers)
        number = await factory.one("select nextval('chaos_numbers')")
        contacts = [
            await factory.contact(organizer, name, phone_number=f"+1312{2_000_000 + 4 * number + place}")
            for place, name in enumerate(("Ann", "Ben", "Chloe", "Dev"))
        ]
        crew = await factory.crew(organizer, contacts, name=f"Crew {number}")
        now = await factory.one("select autosync_now()")
        plan = syncs.Plan(
            organizer, str(crew), "Board games", None, "America/New_York", ResponseGoal.EVERYONE,
            ((now + timedelta(days=9), now + timedelta(days=9, hours=2)),),
        )  # fmt: skip
        started = await syncs.start(connection, plan, region="US")
        self.told.started[started.sync.id] = frozenset(contacts)
        return 1

    async def _invitees(self, until: float) -> None:
        while time.monotonic() < until:
            begins = time.monotonic()
            for sample in _portions(self._per_day, PORTION):

                async def answer(connection: Connection, sample: int = sample) -> int:
                    return (await connection.execute(ANSWER.encode(), {"sample": sample})).rowcount

                async with self._no_jump:
                    await self._again("answers by other clients", answer)
            await _sleep_until(begins + MOMENT)

    async def _texters(self, until: float) -> None:
        """By text, through the webhook; where nobody answers there, Twilio gives up, and so does the person."""
        async with httpx.AsyncClient(base_url=self._twilio_url, timeout=30) as http:
            while time.monotonic() < until:
                numbers: list[str] = []

                async def some(connection: Connection, numbers: list[str] = numbers) -> int:
                    cursor = await connection.execute(
                        "select phone_number from contacts tablesample system_rows(8) where phone_number is not null"
                    )
                    numbers += [row[0] for row in await cursor.fetchall()]
                    return 0

                await self._again("", some)
                for number in numbers:
                    with suppress(httpx.HTTPError):
                        body = {"from": number, "body": self._dice.choice(WORDS)}
                        told = await http.post("/fake/inbound", json=body | {"times": 1 + (self._dice.random() < 0.1)})
                        self.done["texts to us"] += 1
                        if any((answer["status"] or 0) // 100 == 2 for answer in told.json()["answers"]):
                            self.told.received.add(told.json()["sid"])
                await asyncio.sleep(MOMENT / 2)

    async def _choices(self, until: float) -> None:
        while time.monotonic() < until:
            paused: list[UUID] = []

            async def find(connection: Connection, paused: list[UUID] = paused) -> int:
                cursor = await connection.execute(
                    "select id from auto_syncs where status = 'paused' order by md5(id::text || %s) limit %s",
                    [self._dice.random(), max(5, int(self._per_day * MOMENT / self._day * 1.5))],
                )
                paused += [row[0] for row in await cursor.fetchall()]
                return 0

            await self._again("", find)
            for sync in paused:
                await self._again("choices of organizers", self._chooser(sync, self._dice.random()))
            await asyncio.sleep(MOMENT)

    def _chooser(self, sync: UUID, dice: float) -> Callable[[Connection], Awaitable[int]]:
        async def choose(connection: Connection) -> int:
            with suppress(Refused):  # it was done before the connection was lost, or by somebody else
                if dice < 0.75:
                    await syncs.invite(connection, sync, 1)
                    self.told.ended[sync] = "completed"
                elif dice < 0.9:
                    await syncs.remind(connection, sync)
                else:
                    await syncs.stop(connection, sync)
                    self.told.ended[sync] = "stopped"
            return 1

        return choose

    async def _others(self, until: float) -> None:
        """Clients that know nothing of us, by plain SQL."""
        while time.monotonic() < until:
            for statement in OTHERS:
                salt = self._dice.randrange(1 << 30)
                query = statement.format(
                    **{state: SOME.format(status=state, salt=salt, count=3) for state in ("running", "paused")}
                )

                async def write(connection: Connection, query: str = query) -> int:
                    return (await connection.execute(query.encode())).rowcount

                await self._again("changes by other clients", write)
            await self._again("contacts deleted", self._forget_somebody)
            await asyncio.sleep(MOMENT)

    async def _forget_somebody(self, connection: Connection) -> int:
        cursor = await connection.execute(
            "select id, phone_number from contacts tablesample system_rows(1) where phone_number is not null"
        )
        for contact, number in await cursor.fetchall():
            self.forgotten.add(number)
            return (await connection.execute("delete from contacts where id = %s", [contact])).rowcount
        return 0

    async def _again(self, name: str, do: Callable[[Connection], Awaitable[int]]) -> None:
        """Does it until the database has taken it."""
        while True:
            try:
                async with asyncio.timeout(30), connect(self._url) as connection:
                    self.done[name] += await do(connection)
                    return
            except psycopg.errors.DeadlockDetected:
                self.deadlocks += 1
            except psycopg.errors.ForeignKeyViolation:
                self.done["answers of somebody just deleted, given again"] += 1
            except AWAY:
                await asyncio.sleep(0.2)


def left_at(accepted: list[dict[str, Any]], clock: Clock, grace: timedelta) -> dict[str, tuple[datetime, datetime]]:
    """When each text was taken, and `grace` before that, in the project's time."""
    moments = {entry["sid"]: datetime.fromisoformat(entry["time"]).astimezone(UTC) for entry in accepted}
    return {sid: (clock.tell(at), clock.tell(at - grace)) for sid, at in moments.items()}
