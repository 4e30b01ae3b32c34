"""A crash between any two steps of sending, for each kind of answer of the gateway: the same result as without it.

Steps are the real round trips to a real database and to the stand-in for Twilio, whose ledger decides. They are counted
in a life without a crash, so that a new step is tried as well.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from autosync.database.pool import Pool, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.twilio import TwilioGateway
from autosync.web.webhooks import TwilioWebhooks, create_router
from factories import Factory, MadeSync, at_noon
from outbox import queue
from round_trips import Crash, Mortals, RoundTrips
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, Webhook, stand_in, webhook

ROUNDS = 8
NUMBERS = count(5_550_100)
"""One for each text, as the stand-in never forgets."""

ALWAYS = 5
"""How many requests in a row get the same answer, where that is for good."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway says, by the faults of the stand-in, and what must become of the text.

    `taken`: how often it stands in the ledger then; `suppressed`: by whom the number is; `reports`: it is a report that
    says so; `patience`: how many seconds the gateway waits for it.
    """

    name: str
    faults: tuple[str, ...] = ()
    status: str = "sent"
    code: str | None = None
    taken: int = 1
    suppressed: str | None = None
    reports: bool = False
    can_be_looked_up: bool = True
    at_night: bool = False
    patience: float = 5

    def __str__(self) -> str:
        return self.name

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.status, self.code, self.taken, self.suppressed)

    def admits(self, outcome: Outcome) -> bool:
        """Whether this may become of a text after a crash: an unknown one may not even have left, as nobody can say."""
        return outcome == self.outcome or (outcome.status == "unknown" and outcome == replace(self.outcome, taken=0))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text."""

    status: str
    code: str | None
    taken: int
    suppressed: str | None


ANSWERS = [
    Answer("accepted"),
    *(
        Answer(f"{fault}-{moment}-accepting", (f"{fault}_{moment}",), patience=0.2 if fault == "timeout" else 5)
        for fault in ("timeout", "error", "reset", "garbage")
        for moment in ("before", "after")
    ),
    Answer("throttled", ("throttle",)),
    Answer("no-such-number", ("21211",) * ALWAYS, "failed", "21211", taken=0),
    Answer("opted-out-at-the-carrier", ("21610",) * ALWAYS, "failed", "21610", taken=0, suppressed="gateway"),
    Answer("filtered-says-a-report", ("30007",) * ALWAYS, "failed", "30007", reports=True),
    Answer("not-taken-and-no-list", ("error_before",) * ALWAYS, "unknown", taken=0, can_be_looked_up=False),
    Answer("taken-and-no-list", ("error_after",) * ALWAYS, "unknown", can_be_looked_up=False),
    Answer("not-asked-since-the-number-had-opted-out", status="canceled", taken=0, suppressed="inbound"),
    Answer("not-asked-since-it-is-night", status="queued", taken=0, at_night=True),
]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a dispatcher finds its database and Twilio, where Twilio's reports go, and how many seconds it waits."""

    database: str
    twilio: str
    public: str
    patience: float = 5


async def take_turn(verb: str, *surroundings: Any) -> None:
    """One turn in a process of its own: `dispatch_once` or `look_up_once`."""
    to = Surroundings(*surroundings)
    async with open_pool(to.database, size=2) as pool:
        await call(verb, pool, to)


async def call(verb: str, pool: Pool, to: Surroundings) -> None:
    gateway = TwilioGateway(
        account_sid=ACCOUNT_SID, auth_token=SecretStr(AUTH_TOKEN), from_number=FROM,
        base_url=to.twilio, public_url=to.public, timeout=timedelta(seconds=to.patience),
    )  # fmt: skip
    dispatcher = Dispatcher(
        pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US", rates={gateway.name: 1000.0}
    )
    try:
        await getattr(dispatcher, verb)()
    finally:
        await gateway.close()


@dataclass
class Dispatching:
    """A dispatcher, turn by turn: as a worker does, it goes on after the loss of a connection.

    The turn that begins once `doomed_after` steps are done is that of a process that will be killed.
    """

    pool: Pool
    surroundings: Surroundings
    trips: RoundTrips
    mortals: Mortals
    turns: list[tuple[int, str]]
    """After how many steps each began, and what it was."""
    doomed_after: int | None = None

    async def turn(self, verb: str) -> None:
        done = len(self.trips.steps)
        self.turns.append((done, verb))
        if self.doomed_after is not None and done >= self.doomed_after and not self.trips.crashed.is_set():
            await self._last_turn(verb)
            return
        with suppress(psycopg.OperationalError):
            await call(verb, self.pool, self.surroundings)

    async def _last_turn(self, verb: str) -> None:
        await self.mortals.start("test_sending_crashes:take_turn", verb, *astuple(self.surroundings))
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
def twilio() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture(scope="module")
def reports() -> Iterator[Webhook]:
    with webhook() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def mortals() -> Iterator[Mortals]:
    forker = Mortals()
    yield forker
    forker.close()


@pytest.fixture
def trips() -> RoundTrips:
    return RoundTrips()


@pytest.fixture
async def dispatching(
    trips: RoundTrips, database_url: str, twilio: StandIn, reports: Webhook, mortals: Mortals, answer: Answer
) -> AsyncIterator[Dispatching]:
    async with trips.postgres(database_url) as database, trips.http(twilio.url) as relayed:
        to = Surroundings(database, relayed, reports.url, answer.patience)
        async with open_pool(database, size=2) as pool:
            yield Dispatching(pool, to, trips, mortals, [])


@pytest.fixture
async def sync(factory: Factory) -> MadeSync:
    await at_noon(factory)
    return await factory.sync(invitees=0)


@pytest.fixture
async def our_webhooks(pool: Pool, reports: Webhook) -> AsyncIterator[httpx.AsyncClient]:
    """Our own end of Twilio's reports; what Twilio has posted is handed on to it."""
    checks = TwilioWebhooks(auth_token=SecretStr(AUTH_TOKEN), public_url=reports.url, region="US")
    app = FastAPI()
    app.include_router(create_router(pool, checks, lambda: None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        yield client


@dataclass
class Life:
    """One text and what happens around it."""

    answer: Answer
    text: UUID
    number: str
    factory: Factory
    twilio: StandIn
    reports: Webhook
    our_webhooks: httpx.AsyncClient
    dispatching: Dispatching

    async def go_on(self) -> None:
        """Until nothing is left to do: turns, reports, and time that passes."""
        for _ in range(ROUNDS):
            status, is_quiet = await self._state()
            if is_quiet:
                return
            await self.dispatching.turn("dispatch_once" if status == "queued" else "look_up_once")
            if self.answer.reports:
                await self._hand_reports_on()
            await self._let_time_pass()

    async def _state(self) -> tuple[str, bool]:
        """The status, and whether there is nothing to do: it is final, held, or left to an operator."""
        ((status, waits),) = await self.factory.rows(
            "select status, send_after is null or status_reason like 'Held until%%' from auto_sync_messages"
            " where id = %s",
            self.text,
        )
        return status, bool(waits) or status not in ("queued", "sending", "unknown")

    async def _let_time_pass(self) -> None:
        """Past the lease, the settling time of Twilio's list and every pause; past a day where the list is no help."""
        await self.factory.do(
            "update auto_sync_messages set claimed_at = claimed_at - %s,"
            " send_after = autosync_now() - interval '1 second' where id = %s and send_after is not null",
            timedelta(seconds=61) if self.answer.can_be_looked_up else timedelta(hours=25), self.text,
        )  # fmt: skip

    async def _hand_reports_on(self) -> None:
        if not self._taken():
            return
        for url, fields, signature in await asyncio.to_thread(self._reports_of_it):
            path = f"{urlsplit(url).path}?{urlsplit(url).query}"
            answer = await self.our_webhooks.post(path, data=fields, headers={"X-Twilio-Signature": signature})
            assert answer.status_code == 204, answer.text

    def _reports_of_it(self) -> list[tuple[str, dict[str, str], str]]:
        """All three, waited for."""
        with self.reports.arrived:
            ours: list[tuple[str, dict[str, str], str]] = []

            def are_all_there() -> bool:
                ours[:] = [report for report in self.reports.requests if str(self.text) in report[0]]
                return len(ours) >= 3

            assert self.reports.arrived.wait_for(are_all_there, timeout=15)
            return ours

    def _taken(self) -> list[str]:
        return [entry["sid"] for entry in self.twilio.accepted() if entry["to"] == self.number]

    async def outcome(self) -> Outcome:
        """What the database and the ledger say; they must agree about Twilio's id."""
        ((status, code, sid, suppressed),) = await self.factory.rows(
            "select status, error_code, gateway_message_id,"
            " (select source from auto_sync_suppressions where number_hash = autosync_number_hash(%s))"
            " from auto_sync_messages where id = %s",
            self.number, self.text,
        )  # fmt: skip
        taken = self._taken()
        assert sid in taken if status == "sent" else sid is None or sid in taken
        return Outcome(status, code, len(taken), suppressed)


@pytest.fixture
def begin(
    answer: Answer, factory: Factory, sync: MadeSync, twilio: StandIn, reports: Webhook,
    our_webhooks: httpx.AsyncClient, dispatching: Dispatching,
) -> Callable[[], Awaitable[Life]]:  # fmt: skip
    """Begins the life of another text, to somebody new, to whom the gateway has given no answer yet."""

    async def make() -> Life:
        number = f"+1212{next(NUMBERS)}"
        contact = await factory.contact(sync.organizer, phone_number=number)
        if answer.suppressed == "inbound":
            await factory.suppress(number)
        twilio.misbehave(
            numbers={number: list(answer.faults)}, retry_after=7,
            probabilities={} if answer.can_be_looked_up else {"error_before": 1.0},
        )  # fmt: skip
        text = await queue(factory, sync, contact, "initial")
        return Life(answer, text, number, factory, twilio, reports, our_webhooks, dispatching)

    return make


@pytest.mark.parametrize("crash", Crash, ids=lambda crash: crash.name.lower())
@pytest.mark.parametrize("answer", ANSWERS, ids=str)
async def test_a_crash_between_any_two_steps_leads_to_the_same_result(
    answer: Answer,
    crash: Crash,
    factory: Factory,
    begin: Callable[[], Awaitable[Life]],
    trips: RoundTrips,
    dispatching: Dispatching,
    subtests: pytest.Subtests,
    record_property: Callable[[str, object], None],
) -> None:
    if answer.at_night:
        await factory.move_clock(hours=11)
    undisturbed = await begin()
    await undisturbed.go_on()
    assert await undisturbed.outcome() == answer.outcome
    steps, turns = trips.steps, list(dispatching.turns)
    tried = Counter({"differences": 0})

    for at, step in enumerate(steps, 1):
        if step.startswith("HTTP") and crash is Crash.ANSWER_LOST:
            continue  # that is one of the answers
        with subtests.test(f"{crash} step {at}: {step}"):
            life = await begin()
            trips.start(crash, at=at)
            began_after, verb = max((done, verb) for done, verb in turns if done < at)
            if crash is Crash.KILLED:
                dispatching.doomed_after = began_after
            await life.go_on()
            # On a busy machine a short patience may also end elsewhere, so that one life has more steps than another.
            assert trips.crashed.is_set() or answer.patience < 1
            outcome = await life.outcome()
            tried.update({verb: 1, "differences": int(not answer.admits(outcome))})
            assert answer.admits(outcome)
    record_property("tried by verb: crash points", dict(tried))
