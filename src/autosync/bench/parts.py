"""Where the time of a reminder goes, and that of an answer: what each statement takes, and what is left to the program.

Both run on one connection and one batch after the other, so that nothing overlaps and the parts add up to the whole.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from pydantic import SecretStr
from starlette.types import ASGIApp, Message
from twilio.request_validator import RequestValidator

from autosync import mailbag, replies
from autosync.bench.report import Bar, Finding
from autosync.bench.traffic import AT_ONCE, AUTH_TOKEN, CREW, Request, make_requests
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Cursor, Pool, connect, open_pool
from autosync.database.statements import names_by_text
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.inbox import InboundText
from autosync.model import MOST_OPTIONS, Refused
from autosync.processor import BATCH_SIZE, Processor
from autosync.web.app import create_app
from autosync.web.webhooks import TwilioWebhooks

REGION = "US"
_ADDRESS = "http://127.0.0.1"

_Taken = defaultdict[str, float]
"""Seconds by statement."""


async def of_reminders(url: str, *, jobs: int) -> Finding:
    """The parts of what the workload `reminder` takes."""
    taken: _Taken = defaultdict(float)
    async with connect(url) as connection:
        await bench.seed(connection, Population(BATCH_SIZE + jobs))
    async with open_pool(url, size=1, cursor=_timed(taken)) as pool:
        processor = Processor(pool=pool, lanes=1)
        await processor.process_once()  # the first one pays for what every later one finds ready
        taken.clear()
        done, before = 0, time.perf_counter()
        while did := (await processor.process_once()).jobs:
            done += did
        whole = time.perf_counter() - before
    if done != jobs:
        raise Refused(f"Of {jobs:,} due jobs {done:,} were done.")
    statements = _of_ours(taken)
    own = whole - sum(seconds for _, seconds in statements)
    return _finding(
        key="parts",
        title="Where the time of a reminder goes",
        text=f"{jobs:,} due reminders on one connection, {BATCH_SIZE} a batch: what each statement takes until its"
        " rows are there, its parameters included, and the rest.",
        unit="µs/job",
        parts=[*statements, ("the program: reading rows, deciding, wording; and commits", own)],
        count=jobs,
    )


async def of_answers(url: str, *, answers: int) -> Finding:
    """The parts of what an answer takes from its request to its response; who speaks HTTP is not among them.

    As many are taken twice: by the mailbag alone, and through the application's webhook.
    """
    taken: _Taken = defaultdict(float)
    async with connect(url) as connection:
        await bench.seed(connection, Population(max(1, answers // CREW), crew=CREW, answered=0))
        numbers = await bench.list_numbers(connection)
    requests = make_requests(_ADDRESS, numbers, answers + AT_ONCE)
    again = make_requests(_ADDRESS, numbers, len(requests), first=len(requests))
    async with open_pool(url, size=1, cursor=_timed(taken)) as pool:
        await _take(pool, requests[:AT_ONCE])
        taken.clear()
        bags = await _seconds(lambda: _take(pool, requests[AT_ONCE:]))
        statements = _of_ours(taken)
        app = _application(pool)
        await _post(app, again[:AT_ONCE])
        whole = await _seconds(lambda: _post(app, again[AT_ONCE:]))
    reading = _reading(make_requests(_ADDRESS, numbers, answers, first=2 * len(requests)))
    signing = _checking(again[AT_ONCE:])
    async with connect(url) as connection:
        kept = await bench.count_inbound(connection)
    if kept != 2 * len(requests):
        raise Refused(f"Of {2 * len(requests):,} answers {kept:,} were kept.")
    return _finding(
        key="answer",
        title="Where the time of an answer goes",
        text=f"{answers:,} answers by text on one connection, {AT_ONCE} at the same time, from the request to the"
        " response: what each statement takes until its rows are there, and what the rest takes. The web server itself,"
        " which speaks HTTP, and the line of log are not in it.",
        unit="µs/answer",
        parts=[
            *statements,
            ("the program: web framework and form", whole - bags - signing),
            ("the program: Twilio's signature", signing),
            ("the program: reading the words", reading),
            (
                "the program: deciding; and commits",
                bags - reading - sum(seconds for _, seconds in statements),
            ),
        ],
        count=answers,
    )


def _timed(taken: _Taken) -> type[Cursor]:
    class Timed(Cursor):
        """Adds up how long each statement takes, from its parameters until its rows are there."""

        async def execute(self, query: Any, *more: Any, **options: Any) -> Any:
            began = time.perf_counter()
            found = await super().execute(query, *more, **options)
            taken[names_by_text().get(query, "")] += time.perf_counter() - began
            return found

    return Timed


def _of_ours(taken: _Taken) -> list[tuple[str, float]]:
    """The longest first, without what is no statement of ours: the pool's asking for a sign of life."""
    return sorted(((name, seconds) for name, seconds in taken.items() if name), key=itemgetter(1), reverse=True)


async def _seconds(do: Callable[[], Awaitable[None]]) -> float:
    before = time.perf_counter()
    await do()
    return time.perf_counter() - before


def _bags(requests: Sequence[Request]) -> Iterable[Sequence[Request]]:
    return (requests[first : first + AT_ONCE] for first in range(0, len(requests), AT_ONCE))


async def _take(pool: Pool, requests: Sequence[Request]) -> None:
    """Bag after bag."""
    for bag in _bags(requests):
        texts = [
            InboundText("twilio", form["MessageSid"], form["From"], form["Body"])
            for form in (request.form for request in bag)
        ]
        async with pool.connection() as connection:
            await mailbag.take(connection, texts, region=REGION)


def _application(pool: Pool) -> ASGIApp:
    gateway = RecordGateway()
    return create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region=REGION),
        worker=None,
        service_key=None,
        twilio=TwilioWebhooks(SecretStr(AUTH_TOKEN), _ADDRESS, REGION),
    )


async def _post(app: ASGIApp, requests: Sequence[Request]) -> None:
    """As many at the same time as a bag holds; raises Refused where one is not answered as it should."""

    async def post(request: Request) -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": request.path,
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body}

        async def send(message: Message) -> None:
            if message.get("status", 204) != 204:
                raise Refused(f"An answer was refused with {message['status']}.")

        await app(scope, receive, send)

    for bag in _bags(requests):
        await asyncio.gather(*map(post, bag))


def _reading(requests: Sequence[Request]) -> float:
    """Seconds that their words take, of which some have been read before and some have not."""
    before = time.perf_counter()
    for request in requests:
        replies.read_reply(request.form["Body"], option_count=MOST_OPTIONS)
    return time.perf_counter() - before


def _checking(requests: Sequence[Request]) -> float:
    before = time.perf_counter()
    for request in requests:
        signature = request.headers["X-Twilio-Signature"]
        if not RequestValidator(AUTH_TOKEN).validate(_ADDRESS + request.path, request.form, signature):
            raise Refused("A signature is not what it should be.")
    return time.perf_counter() - before


def _finding(*, key: str, title: str, text: str, unit: str, parts: Sequence[tuple[str, float]], count: int) -> Finding:
    whole = sum(seconds for _, seconds in parts)
    each = [(name, seconds / count * 1e6, seconds / whole) for name, seconds in parts]
    return Finding(
        key=key,
        title=title,
        text=text,
        columns=("part", unit, "share"),
        rows=tuple((name, f"{figure:,.1f}", f"{share:.0%}") for name, figure, share in each),
        unit=unit,
        bars=tuple(Bar(name, figure, figure, figure, True) for name, figure, _ in each),
    )
