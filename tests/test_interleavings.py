"""Every two verbs on the same sync, in every order of their round trips up to a number of turns.

What comes of it must be what comes of one of the two ways to run them whole, nobody may end in a deadlock, and the
ledger must find nothing. A turn more squares the number of orders: `AUTOSYNC_TEST_TURNS=2` tries them.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from autosync import inbox, mailbag, syncs
from autosync.database import people
from autosync.database.answers import Ask
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.housekeeping import Housekeeping
from autosync.model import Refused, ResponseGoal
from autosync.processor import Processor
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, make_dispatcher
from ledger import differences, of_gateway, open_books
from stepping import Party, in_order, round_trips_by_turns

TURNS = int(os.environ.get("AUTOSYNC_TEST_TURNS", "1"))

REFUSALS = (Refused, psycopg.errors.ForeignKeyViolation, psycopg.errors.UniqueViolation)
"""What a verb may end with: it came too late, a client that writes plain SQL names a contact that has gone, or the same
start was faster."""

pytestmark = pytest.mark.usefixtures("by_turns")


@dataclass
class Scene:
    """One sync of five, asked by us, and something is due.

    Ann can make both options, and one that three of the five can make meets the goal. Reminders to Ben and Eli are
    queued since long ago, Chloe is silent, Dev's first text is queued, Eli has said stop. Of the text that told the
    organizer of the start nobody knows whether it left; a job that was done long ago and one that another client has
    left in hand are there to be tidied away. Fay is in the address book. `second`: the sync that may be started.
    """

    factory: Factory
    pool: Pool
    sync: MadeSync
    crew: UUID
    begins: datetime
    maya: str
    ben: str
    chloe: str
    eli: str
    fay: UUID
    gateway: FaultyGateway
    second: UUID = field(default_factory=uuid4)

    async def process(self) -> object:
        return await Processor(pool=self.pool).process_once()

    async def do_nothing(self) -> object:
        return None

    async def dispatch(self) -> object:
        return await make_dispatcher(self.pool, self.gateway).dispatch_once()

    async def tidy(self) -> object:
        return await Housekeeping(pool=self.pool).tidy_once()

    async def look_up(self) -> object:
        return await make_dispatcher(self.pool, self.gateway).look_up_once()

    async def _text(self, words: str, number: str | None = None) -> object:
        text = inbox.InboundText("record", uuid4().hex, number or self.ben, words)
        async with self.pool.connection() as connection:
            return await inbox.receive(connection, text, region="US")

    async def answer_in_a_bag(self) -> object:
        """As the webhook does: what is left alone is taken by itself."""
        text = inbox.InboundText("record", uuid4().hex, self.chloe, "none")
        async with self.pool.connection() as connection:
            (taken,) = await mailbag.take(connection, [text], region="US")
            return taken or await inbox.receive(connection, text, region="US")

    async def choose_by_text(self) -> object:
        """The organizer, who has read the report of a sync that is paused."""
        return await self._text("1", self.maya)

    async def answer_by_text(self) -> object:
        return await self._text("1")

    async def answer_unclearly(self) -> object:
        return await self._text("7")

    async def say_stop(self) -> object:
        return await self._text("STOP")

    async def say_start(self) -> object:
        return await self._text("START", self.eli)

    async def answer_on_the_page(self) -> object:
        async with self.pool.connection() as connection:
            return await inbox.answer(connection, Ask(self.sync.id, self.sync.id, self.sync.contacts[2]), [1, 2])

    async def _verb(self, verb: Callable[..., Awaitable[Any]], *more: int) -> object:
        async with self.pool.connection() as connection:
            return await verb(connection, self.sync.id, *more)

    async def remind(self) -> object:
        return await self._verb(syncs.remind)

    async def invite(self) -> object:
        return await self._verb(syncs.invite, 1)

    async def stop(self) -> object:
        return await self._verb(syncs.stop)

    async def _sql(self, statement: str, *parameters: object) -> object:
        async with self.pool.connection() as connection:
            return (await connection.execute(statement.encode(), parameters)).rowcount

    async def pause_by_sql(self) -> object:
        return await self._sql(
            "update auto_syncs set status = 'paused' where id = %s and status = 'running'", self.sync.id
        )

    async def run_by_sql(self) -> object:
        return await self._sql(
            "update auto_syncs set status = 'running' where id = %s and status = 'paused'", self.sync.id
        )

    async def answer_by_sql(self) -> object:
        return await self._sql(
            "insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type, responded_at)"
            " values (%s, %s, array[%s]::uuid[], 'available', autosync_now()) on conflict (auto_sync_id, contact_id)"
            " do update set option_ids = excluded.option_ids, response_type = excluded.response_type,"
            " responded_at = excluded.responded_at",
            self.sync.id, self.sync.contacts[1], self.sync.options[1],
        )  # fmt: skip

    async def move_an_option(self) -> object:
        return await self._sql(
            "update auto_sync_options set end_time = end_time + interval '1 hour' where id = %s", self.sync.options[0]
        )

    async def delete_ben(self) -> object:
        async with self.pool.connection() as connection:
            return await people.delete_contact(connection, self.sync.organizer, self.sync.contacts[1])

    async def start(self) -> object:
        """Another one with the same crew; twice, as by somebody who presses the button twice."""
        plan = syncs.Plan(
            self.sync.organizer, str(self.crew), "Tea", None, "America/New_York", ResponseGoal.EVERYONE,
            ((self.begins, None),), id=self.second,
        )  # fmt: skip
        async with self.pool.connection() as connection:
            return await syncs.start(connection, plan, region="US")

    async def join_the_crew(self) -> object:
        async with self.pool.connection() as connection:
            return await people.join_crew(connection, self.crew, [self.fay])


VERBS = tuple(
    name for name, method in vars(Scene).items() if callable(method) and name[0] != "_" and name != "do_nothing"
)
LOOPS = {"process", "dispatch", "tidy", "look_up"}
"""What a worker does again and again."""
DUE = ("reminder_24h", "pause_check_48h", "auto_end_check", "a choice")
"""What each scene waits for; the last one is paused."""
ONLY_IN = {
    "choose_by_text": "a choice",
    **dict.fromkeys(("look_up", "start", "join_the_crew", "say_start"), "reminder_24h"),
}
"""Verbs that would come to the same elsewhere."""


@pytest.fixture
def by_turns(monkeypatch: pytest.MonkeyPatch) -> Any:
    with round_trips_by_turns(monkeypatch):
        yield


@dataclass(frozen=True)
class Stage:
    """`observer` sees who waits for whom; every scene's options begin at `begins`, as their texts name the hour, or end
    at `noon`, which has just been."""

    factory: Factory
    pool: Pool
    observer: Connection
    url: str
    begins: datetime
    noon: datetime
    gateway: FaultyGateway = field(default_factory=FaultyGateway)


@pytest.fixture
async def stage(direct_url: str) -> AsyncIterator[Stage]:
    """A database with the delays of production at noon, a pool, and somebody who watches who waits for whom."""
    async with connect(direct_url) as connection, connect(direct_url) as observer, open_pool(direct_url) as pool:
        factory = Factory(connection)
        noon = (await at_noon(factory)).replace(second=0, microsecond=0)
        await factory.do(
            "update auto_sync_settings set reminder_delay = '24 hours', pause_delay = '48 hours' where active"
        )
        begins = datetime.now(UTC).replace(minute=20, second=0, microsecond=0) + timedelta(days=20)
        yield Stage(factory, pool, observer, direct_url, begins, noon)


async def set_up(stage: Stage, due: str) -> Scene:
    factory = stage.factory
    since = {"reminder_24h": "24 hours 1 second", "pause_check_48h": "48 hours 1 second"}.get(due, "12 hours")
    started = await factory.one("select autosync_now() - %s::interval", since)
    organizer = await factory.organizer()
    maya = await factory.one("select phone_number from profiles where id = %s", organizer)
    sync = await factory.sync(
        organizer=organizer, invitees=5, options=0, started_at=started, response_goal="critical_mass"
    )
    sync.options = [await factory.option(sync.id, number, start=stage.begins) for number in (1, 2)]
    ann, ben, _, dev, eli = sync.contacts
    await factory.answer(sync, ann, 1, 2)
    numbers = dict(await factory.rows("select id, phone_number from contacts where user_id = %s", organizer))
    await factory.do(
        "update auto_sync_messages m set body = 'Board games?', cause_id = m.auto_sync_id, created_at = %s,"
        " sent_at = %s, phone_number = (select phone_number from contacts where id = m.contact_id)"
        " where auto_sync_id = %s", started, started, sync.id,
    )  # fmt: skip
    await factory.do(
        "update auto_sync_messages set status = 'queued', sent_at = null, send_after = autosync_now()"
        " where auto_sync_id = %s and contact_id = %s", sync.id, dev,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, contact_id, message_type, body, cause_id, status, sent_at,"
        " send_after, created_at) select %s, unnest(%s::uuid[]), 'reminder', 'Still?', gen_random_uuid(), 'queued',"
        " null, autosync_now(), autosync_now() - interval '4 days'", sync.id, [ben, eli],
    )  # fmt: skip
    await _say_stop(factory, numbers[eli])
    await _leave_to_others(factory, sync, maya)
    if due == "pause_check_48h":
        await factory.do(
            "update job_queue set status = 'skipped', error_message = 'By hand.' where sync_id = %s and job_type ="
            " 'reminder_24h'", sync.id,
        )  # fmt: skip
        await factory.do(
            "insert into job_queue (sync_id, job_type, scheduled_at) values (%s, %s, autosync_now())", sync.id, due
        )
    if due == "auto_end_check":
        await factory.do(
            "update auto_sync_options set start_time = %s, end_time = %s where auto_sync_id = %s",
            stage.noon - timedelta(hours=2), stage.noon, sync.id,
        )  # fmt: skip
    if due == "a choice":
        await factory.do("update auto_syncs set status = 'paused', paused_at = autosync_now() where id = %s", sync.id)
        await factory.do(
            "insert into auto_sync_messages (auto_sync_id, message_type, body, phone_number, sent_at)"
            " values (%s, 'pause_summary', 'What now?', %s, autosync_now())", sync.id, maya,
        )  # fmt: skip
    crew, fay = await factory.crew(organizer, sync.contacts), await factory.contact(organizer, "Fay")
    texting = (numbers[contact] for contact in (ben, sync.contacts[2], eli))
    return Scene(factory, stage.pool, sync, crew, stage.begins, maya, *texting, fay, stage.gateway)


async def _say_stop(factory: Factory, number: str) -> None:
    """Long since, as the ledger sees it too."""
    await factory.suppress(number)
    await factory.do(
        "insert into auto_sync_inbound (gateway, gateway_message_id, phone_number, body, received_at, outcome)"
        " values ('record', %s, %s, 'STOP', autosync_now(), 'Opted out.')", uuid4().hex, number,
    )  # fmt: skip


async def _leave_to_others(factory: Factory, sync: MadeSync, maya: str) -> None:
    """What is to be tidied away, put back and looked up."""
    await factory.do(
        "insert into job_queue (sync_id, job_type, status, scheduled_at, processed_at, error_message)"
        " select %s, job_type, status, autosync_now() - ago, autosync_now() - done, why"
        " from (values ('reminder_24h', 'skipped', interval '9 days', interval '9 days', 'By hand.'),"
        " ('auto_end_check', 'processing', interval '1 hour', null, null)) as v (job_type, status, ago, done, why)",
        sync.id,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_messages (auto_sync_id, message_type, body, cause_id, phone_number, status, sent_at,"
        " send_after, claimed_at, attempt, gateway) values (%s, 'started', 'It has begun.', %s, %s, 'unknown', null,"
        " autosync_now(), clock_timestamp() - interval '2 minutes', 1, 'faulty')", sync.id, sync.id, maya,
    )  # fmt: skip


async def settle(scene: Scene) -> None:
    """What a worker does next, and what it does a minute later with a reminder that waited for the first text."""
    await Housekeeping(pool=scene.pool).tidy()
    await Processor(pool=scene.pool).process_due()
    await make_dispatcher(scene.pool, scene.gateway).dispatch_due()
    await scene.factory.do(
        "update auto_sync_messages set send_after = autosync_now() where status = 'queued'"
        " and status_reason like 'The first text %%' and auto_sync_id = %s", scene.sync.id,
    )  # fmt: skip
    await make_dispatcher(scene.pool, scene.gateway).dispatch_due()


JOBS = """
select job_type, status, error_message,
  case when status = 'pending' then date_trunc('hour', scheduled_at - autosync_now() + interval '30 minutes') end
from job_queue where sync_id = %s order by 1, 2, 3, 4"""
TEXTS = """
select message_type, coalesce(c.first_name, 'organizer'), m.status, m.is_resolved,
  case when m.status <> 'canceled' then m.status_reason end,
  regexp_replace(m.body, 'reminder on [^.]+', 'reminder on that day')
from auto_sync_messages m left join contacts c on c.id = m.contact_id
where auto_sync_id = %s order by 1, 2, 3, 4, 5, 6"""
ANSWERS = """
select c.first_name, r.response_type::text,
  array(select o.idx from unnest(r.option_ids) as a (id) left join auto_sync_options o on o.id = a.id order by 1)
from auto_sync_responses r join contacts c on c.id = r.contact_id where r.auto_sync_id = %s order by 1"""
SYNC = """
select s.status::text, paused_at is null, completed_at is null, stopped_at is null, last_reminder_sent_at is null,
  (select o.idx from auto_sync_options o where o.id::text = s.metadata ->> 'chosen_option_id')
from auto_syncs s where s.id = %s"""
OPTIONS = """
select idx, date_trunc('minute', end_time - start_time),
  date_trunc('hour', start_time - autosync_now() + interval '30 minutes')
from auto_sync_options where auto_sync_id = %s order by 1"""
EVENT = """
select e.status, e.delivery, e.sequence, o.idx, e.over_at = o.end_time
from auto_sync_events e left join auto_sync_options o on o.id = e.option_id where e.sync_id = %s"""
SUPPRESSED = """
select n.place, s.phone_number is null
from unnest(%s::text[]) with ordinality as n (number, place)
join auto_sync_suppressions s on s.number_hash = autosync_number_hash(n.number) order by 1"""


CANCELED = """
select distinct message_type, coalesce(c.first_name, 'organizer'), m.status_reason
from auto_sync_messages m left join contacts c on c.id = m.contact_id
where auto_sync_id = any(%s) and m.status = 'canceled'"""


async def reasons(scene: Scene) -> set[tuple[Any, ...]]:
    """Why texts were canceled. Of several that are true, which is found depends on what came first for each."""
    return set(await scene.factory.rows(CANCELED, [scene.sync.id, scene.second]))


async def result(scene: Scene) -> tuple[Any, ...]:
    """All that matters of the sync and of the second one, without ids and moments."""
    factory, numbers = scene.factory, [scene.maya, scene.ben, scene.chloe, scene.eli]
    of_each = [
        await factory.rows(query, id_)
        for id_ in (scene.sync.id, scene.second)
        for query in (SYNC, OPTIONS, JOBS, TEXTS, ANSWERS, EVENT)
    ]
    return (
        *of_each,
        await factory.rows(SUPPRESSED, numbers),
        await factory.rows("select outcome from auto_sync_inbound where phone_number = any(%s) order by 1", numbers),
        await factory.rows(
            "select first_name from crew_members join contacts c on c.id = contact_id where crew_id = %s order by 1",
            scene.crew,
        ),
    )


@dataclass
class Trial:
    """Every order of two verbs in one kind of scene."""

    stage: Stage
    due: str
    pair: tuple[str, str]
    tried: int = 0
    longest: float = 0
    wrong: list[str] = field(default_factory=list)

    async def run(self) -> None:
        """First whole, one after the other; then in each order; the ledger looks at all of it.

        Only of what ran whole does it know what came first: the rows keep when a transaction began. Of the others it
        takes as undecided what lies no further apart than the longest of them took.
        """
        both_ways = dict.fromkeys((self.pair, self.pair[::-1]))
        steps, expected, why = {}, [], set()
        for names in both_ways:
            steps[names], found, reasons_found, _ = await self._play(names, ())
            expected.append(found)
            why |= reasons_found
        for name, other in both_ways:
            if name in LOOPS:  # it may pass by what the other one has, and do it at its next turn
                _, found, reasons_found, _ = await self._play((other, "do_nothing"), ())
                expected.append(found)
                why |= reasons_found
        self._ask_the_ledger(grace=timedelta())
        self.longest = 0
        for names in both_ways:
            for turns in _orders(*steps[names]):
                _, found, reasons_found, errors = await self._play(names, turns)
                if found not in expected or errors:
                    self.wrong.append(f"{names} {turns}: {errors or _apart(found, expected)}")
                elif reasons_found - why:
                    self.wrong.append(f"{names} {turns}: canceled because of {reasons_found - why}, not {why}")
        self._ask_the_ledger(grace=timedelta(seconds=self.longest))
        await self._clear()

    def _ask_the_ledger(self, *, grace: timedelta) -> None:
        """Of the rows, and of what the gateway took. No row keeps that a time was over before somebody moved it on."""
        moved = self.due == "auto_end_check" and "move_an_option" in self.pair
        books, gateway = open_books(self.stage.url, grace=grace), self.stage.gateway
        there = {text.id for text in books.all_texts()}  # those to a deleted contact have gone with them
        found = [
            *(each for each in differences(books) if not (moved and "Every option was over" in each)),
            *of_gateway(books, gateway.taken(there), gateway=gateway.name),
            *(f"text {text} was taken {times} times" for text, times in gateway.times_accepted.items() if times > 1),
        ]
        self.wrong += [f"{self.pair}: {difference}" for difference in found]

    async def _play(
        self, names: tuple[str, str], turns: tuple[int, ...]
    ) -> tuple[tuple[int, int], tuple[Any, ...], set[tuple[Any, ...]], list[str]]:
        """How many steps each took, what it came to, why texts were canceled, and what should not have been raised."""
        scene = await set_up(self.stage, self.due)
        one, other = (Party(getattr(scene, name)) for name in names)
        began = time.monotonic()
        await in_order(one, other, observer=self.stage.observer, turns=turns)
        self.longest = max(self.longest, time.monotonic() - began)
        await settle(scene)
        self.tried += 1
        raised = [party.outcome for party in (one, other) if isinstance(party.outcome, Exception)]
        errors = [str(error) for error in raised if not isinstance(error, REFUSALS)]
        return (one.steps, other.steps), await result(scene), await reasons(scene), errors

    async def _clear(self) -> None:
        for table in ("profiles", "auto_sync_suppressions", "auto_sync_inbound"):
            await self.stage.factory.do(f"delete from {table}")
        self.stage.gateway.ledger.clear()


@pytest.mark.parametrize("due", DUE)
async def test_two_at_once_come_to_what_one_after_the_other_comes_to(
    stage: Stage, due: str, record_property: Callable[[str, object], None]
) -> None:
    verbs = [verb for verb in VERBS if ONLY_IN.get(verb, due) == due]
    trials = [Trial(stage, due, pair) for pair in itertools.combinations_with_replacement(verbs, 2)]
    for trial in trials:
        await trial.run()
    wrong = [line for trial in trials for line in trial.wrong]
    deadlocks = await stage.factory.one("select deadlocks from pg_stat_database where datname = current_database()")
    tried = {"orders": sum(trial.tried for trial in trials), "pairs": len(trials)}
    record_property("tried: interleavings", {**tried, "differences": len(wrong), "deadlocks": deadlocks})
    assert (wrong[:5], deadlocks) == ([], 0)


def _apart(found: tuple[Any, ...], expected: list[tuple[Any, ...]]) -> str:
    """Where it differs from what it most resembles."""
    apart = [[(ours, theirs) for ours, theirs in zip(found, each, strict=True) if ours != theirs] for each in expected]
    return str(min(apart, key=len))


def _orders(first: int, second: int) -> list[tuple[int, ...]]:
    """How many steps each takes in turn, up to TURNS turns that end before their party does.

    The first step of each is the pool's asking for a sign of life, which makes no difference.
    """
    return [
        order
        for count in range(1, TURNS + 1)
        for order in itertools.product(*(range(2, (first, second)[turn % 2]) for turn in range(count)))
    ]


async def test_the_stepping_itself_makes_the_order_that_was_asked_for(stage: Stage) -> None:
    said: list[str] = []

    def party(name: str) -> Party:
        async def speak() -> None:
            async with stage.pool.connection() as connection:
                for step in range(3):
                    await connection.execute("select 1")
                    said.append(f"{name}{step}")

        return Party(speak)

    # The first of the three, and of the two, is the pool's asking for a sign of life.
    await in_order(party("a"), party("b"), observer=stage.observer, turns=[3, 2])
    assert said == ["a0", "a1", "b0", "a2", "b1", "b2"]


async def test_the_stepping_passes_over_whoever_waits_for_a_lock(stage: Stage) -> None:
    sync = await stage.factory.sync()

    def party() -> Party:
        async def update() -> None:
            async with stage.pool.connection() as connection, connection.transaction():
                await connection.execute("update auto_syncs set event_name = 'Tea!' where id = %s", [sync.id])
                await connection.execute("select 1")

        return Party(update)

    await in_order(party(), party(), observer=stage.observer, turns=[3, 4])
    assert await stage.factory.one("select event_name from auto_syncs where id = %s", sync.id) == "Tea!"
