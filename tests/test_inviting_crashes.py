"""A crash between any two steps of putting a time into a calendar, for each thing that can come of it: the same result.

Steps are the real round trips to a real database and to the stand-in for Google, whose ledger decides. They are counted
in a life without a crash, so that a new step is tried as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest

from autosync.database.pool import Pool, open_pool
from connected import connected_organizer, connections_of, google_at, let_expire
from factories import Factory, MadeSync, at_noon
from google_stand_in import GoogleStandIn, google_stand_in
from inviting import asked_by_mail, complete, let_time_pass, make_inviter, move
from round_trips import Crash, Mortals, RoundTrips

ROUNDS = 8
PEOPLE = [f"person{n}@example.com" for n in range(600)]


@dataclass(frozen=True, slots=True)
class Case:
    """What is wanted of the event, what goes wrong at Google with which call, and what must have become of it.

    `there`: (status, sequence) at Google, None: nothing; `told`: how often the organizer was told of a loss.
    """

    name: str
    change: str | None = None
    faults: tuple[tuple[str, str], ...] = ()
    has_expired: bool = False
    is_revoked: bool = False
    delivery: str = "sent"
    there: tuple[str, str] | None = ("confirmed", "0")
    told: int = 0

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("made"),
    Case("made-and-not-said-so", faults=(("insert", "error_after"),)),
    Case("with-a-fresh-token", has_expired=True),
    Case("changed", change="moved", there=("confirmed", "1")),
    Case("changed-and-not-said-so", change="moved", faults=(("patch", "reset_after"),), there=("confirmed", "1")),
    Case("taken-back", change="stopped", there=("cancelled", "0")),
    Case("taken-back-and-not-said-so", change="stopped", faults=(("delete", "error_after"),), there=("cancelled", "0")),
    Case("revoked", has_expired=True, is_revoked=True, delivery="none", there=None, told=1),
]


async def take_turn(database: str, google_url: str) -> None:
    """One batch in a process of its own."""
    async with open_pool(database, size=2) as pool:
        await invite(pool, google_url)


async def invite(pool: Pool, google_url: str) -> None:
    google = google_at(google_url)
    try:
        await make_inviter(pool, connections_of(pool, google)).invite_once()
    finally:
        await google.close()


@dataclass
class Inviting:
    """An inviter, turn by turn: as a worker does, it goes on after the loss of a connection.

    The turn that begins once `doomed_after` steps are done is that of a process that will be killed.
    """

    pool: Pool
    database: str
    google_url: str
    trips: RoundTrips
    mortals: Mortals
    turns_began_after: list[int]
    doomed_after: int | None = None

    async def turn(self) -> None:
        done = len(self.trips.steps)
        self.turns_began_after.append(done)
        if self.doomed_after is not None and done >= self.doomed_after and not self.trips.crashed.is_set():
            await self._last_turn()
            return
        with suppress(psycopg.OperationalError):
            await invite(self.pool, self.google_url)

    async def _last_turn(self) -> None:
        await self.mortals.start("test_inviting_crashes:take_turn", self.database, self.google_url)
        ended = asyncio.create_task(self.mortals.ended())
        crashed = asyncio.create_task(self.trips.crashed.wait())
        await asyncio.wait({ended, crashed}, return_when=asyncio.FIRST_COMPLETED)
        if crashed.cancel():
            assert await ended == 0
            return
        self.mortals.kill()
        assert await ended == -9
        await self.trips.over.wait()


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        running.people(*PEOPLE)
        yield running
        assert running.violations() == []


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    forker = Mortals()
    yield forker
    forker.close()


@pytest.fixture(scope="module")
def people() -> Iterator[str]:
    """Somebody new for each life."""
    return iter(PEOPLE)


@pytest.fixture
def trips() -> RoundTrips:
    return RoundTrips()


@pytest.fixture
async def inviting(
    trips: RoundTrips, database_url: str, google: GoogleStandIn, mortals: Mortals
) -> AsyncIterator[Inviting]:
    async with (
        trips.postgres(database_url) as database,
        trips.http(google.url) as relayed,
        open_pool(database, size=2) as pool,
    ):
        yield Inviting(pool, database, relayed, trips, mortals, [])


@dataclass
class Life:
    """One chosen time and what happens around it."""

    case: Case
    person: str
    organizer: UUID
    sync: MadeSync
    factory: Factory
    google: GoogleStandIn
    inviting: Inviting

    async def go_on(self) -> None:
        """Until nothing is left to do: turns, and time that passes."""
        for _ in range(ROUNDS):
            if await let_time_pass(self.factory) == 0:
                return
            await self.inviting.turn()
        raise AssertionError(await self.factory.rows("select delivery, reason from auto_sync_events"))

    async def outcome(self) -> tuple[Any, ...]:
        """What the database and the ledger say."""
        ((delivery, sequence, known),) = await self.factory.rows(
            "select delivery, sequence, known_sequence from auto_sync_events where sync_id = %s", self.sync.id
        )
        there = [event for event in self.google.events() if event["id"] == self.sync.id.hex]
        assert [event["inserts_accepted"] for event in there] == [1] * len(there)
        assert known == (sequence if delivery == "sent" else None)
        event = there[0] if there else None
        told = await self.factory.one(
            "select count(*) from auto_sync_messages m join auto_syncs s on s.id = m.auto_sync_id"
            " where s.organizer_id = %s and m.contact_id is null and m.message_type = 'status'", self.organizer,
        )  # fmt: skip
        return delivery, event and (event["status"], event["private"]["autosync_sequence"]), told


@pytest.fixture
async def begin(
    factory: Factory, pool: Pool, google: GoogleStandIn, inviting: Inviting, people: Iterator[str]
) -> Callable[[Case], Awaitable[Life]]:
    """Begins the life of another chosen time, of somebody new."""
    await at_noon(factory)

    async def make(case: Case) -> Life:
        person, direct = next(people), google_at(google.url)
        google.misbehave()
        organizer = await connected_organizer(factory, google, connections_of(pool, direct), person=person)
        sync = await asked_by_mail(factory, organizer)
        await complete(factory, sync)
        if case.change is not None:
            await make_inviter(pool, connections_of(pool, direct)).invite_due()
        await direct.close()
        if case.change == "moved":
            await move(factory, sync)
        if case.change == "stopped":
            await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync.id)
        if case.has_expired:
            await let_expire(factory, organizer)
        if case.is_revoked:
            google.revoke(person)
        google.misbehave(calls={call: [fault] for call, fault in case.faults})
        return Life(case, person, organizer, sync, factory, google, inviting)

    return make


@pytest.mark.parametrize("crash", Crash, ids=lambda crash: crash.name.lower())
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_crash_between_any_two_steps_leads_to_the_same_result(
    case: Case,
    crash: Crash,
    begin: Callable[[Case], Awaitable[Life]],
    trips: RoundTrips,
    inviting: Inviting,
    subtests: pytest.Subtests,
    record_property: Callable[[str, object], None],
) -> None:
    undisturbed = await begin(case)
    trips.start()
    await undisturbed.go_on()
    assert await undisturbed.outcome() == (case.delivery, case.there, case.told)
    steps, turns = trips.steps, list(inviting.turns_began_after)
    assert any(step.startswith("HTTP") for step in steps)
    tried = differences = 0

    for at, step in enumerate(steps, 1):
        with subtests.test(f"{crash} step {at}: {step}"):
            life = await begin(case)
            trips.start(crash, at=at)
            if crash is Crash.KILLED:
                inviting.doomed_after = max(done for done in turns if done < at)
            await life.go_on()
            assert trips.crashed.is_set()
            outcome, expected = await life.outcome(), (case.delivery, case.there, case.told)
            tried, differences = tried + 1, differences + (outcome != expected)
            assert outcome == expected
    record_property("tried by verb: crash points", {"put into calendars": tried, "differences": differences})
