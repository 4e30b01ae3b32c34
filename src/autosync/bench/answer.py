"""Where the time of an answer by text goes, from its request to the response.

Answers are taken a bag after the other, on one connection: half of them by the mailbag alone, half through the
application's webhook. What the two have in common is what each statement takes; what the webhook adds is the web's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence

from pydantic import SecretStr
from starlette.types import ASGIApp, Message
from twilio.request_validator import RequestValidator

from autosync import mailbag, replies
from autosync.bench.parts import Stopwatch, found_parts
from autosync.bench.report import Finding
from autosync.bench.requests import AT_ONCE, AUTH_TOKEN, PATH, Request, make_requests
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.inbox import InboundText
from autosync.model import MOST_OPTIONS, Refused
from autosync.processor import Processor
from autosync.web.app import create_app
from autosync.web.webhooks import TwilioWebhooks

_REGION = "US"
_ADDRESS = "http://127.0.0.1"
_CREW = 8
_FEWEST_SYNCS = 5 * AT_ONCE // _CREW
"""An organizer's five have the same crew, and a bag holds a person's text once."""
_FIRST = 10_000
"""What the first answer says is counted from here: a longer greeting takes longer to read, so all are as long."""


async def of_answers(url: str, *, answers: int) -> Finding:
    """The parts of what so many answers take. Raises Refused where one was not taken as it should be."""
    watch = Stopwatch()
    async with connect(url) as connection:
        await bench.seed(connection, Population(max(_FEWEST_SYNCS, answers // _CREW), crew=_CREW, answered=0))
        numbers = await bench.list_numbers(connection)
    count = answers + AT_ONCE  # the first bag of each way pays for what every later one finds ready
    one_way, other_way, others = (
        make_requests(_ADDRESS, numbers, count, first=_FIRST + place * count) for place in range(3)
    )
    async with open_pool(url, size=1, cursor=watch.cursor) as pool:
        await _take(pool, one_way[:AT_ONCE])
        watch.begin()
        by_mailbag = await _seconds(lambda: _take(pool, one_way[AT_ONCE:]))
        statements = watch.read()
        app = _application(pool)
        await _post(app, other_way[:AT_ONCE])
        watch.begin()
        by_webhook = await _seconds(lambda: _post(app, other_way[AT_ONCE:]))
        web = _without(by_webhook, watch.read()) - _without(by_mailbag, statements)
    async with connect(url) as connection:
        kept = await bench.count_inbound(connection)
    if kept != 2 * count:
        raise Refused(f"Of {2 * count:,} answers {kept:,} were kept.")
    reading = _reading(others[AT_ONCE:])
    signing = _checking(other_way[AT_ONCE:])
    own = {
        "web framework and form": web - signing,
        "Twilio's signature": signing,
        "reading the words": reading,
        "deciding; and commits": _without(by_mailbag, statements) - reading,
    }
    return found_parts(
        key="answer",
        title="Where the time of an answer goes",
        text=f"{answers:,} answers by text on one connection, {AT_ONCE} at the same time, from the request to the"
        " response: what each statement takes until its rows are there, and what the rest takes. The web server itself,"
        " which speaks HTTP, and the line of log are not in it.",
        one="answer",
        # What is got by subtraction may come out below nothing where it was hardly measured.
        parts=[*statements, *((f"the program: {name}", max(0.0, taken)) for name, taken in own.items())],
        count=answers,
    )


async def _seconds(do: Callable[[], Awaitable[None]]) -> float:
    before = time.perf_counter()
    await do()
    return time.perf_counter() - before


def _without(whole: float, statements: Sequence[tuple[str, float]]) -> float:
    return whole - sum(seconds for _, seconds in statements)


def _bags(requests: Sequence[Request]) -> Iterable[Sequence[Request]]:
    return (requests[first : first + AT_ONCE] for first in range(0, len(requests), AT_ONCE))


async def _take(pool: Pool, requests: Sequence[Request]) -> None:
    """Bag after bag, by the mailbag."""
    for bag in _bags(requests):
        forms = [request.form for request in bag]
        texts = [InboundText("twilio", form["MessageSid"], form["From"], form["Body"]) for form in forms]
        async with pool.connection() as connection:
            taken = await mailbag.take(connection, texts, region=_REGION)
        if None in taken:
            raise Refused(f"Of {len(taken)} answers the mailbag left {taken.count(None)} alone.")


def _application(pool: Pool) -> ASGIApp:
    gateway = RecordGateway()
    return create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region=_REGION),
        worker=None,
        service_key=None,
        twilio=TwilioWebhooks(SecretStr(AUTH_TOKEN), _ADDRESS, _REGION),
    )


async def _post(app: ASGIApp, requests: Sequence[Request]) -> None:
    """Bag after bag, each of its requests at the same time."""
    for bag in _bags(requests):
        await asyncio.gather(*(_post_one(app, request) for request in bag))


async def _post_one(app: ASGIApp, request: Request) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in request.headers.items()],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body}

    async def send(message: Message) -> None:
        if message.get("status", 204) != 204:
            raise Refused(f"An answer was refused with {message['status']}.")

    await app(scope, receive, send)


def _reading(requests: Sequence[Request]) -> float:
    """Seconds that their words take, of which some have been read before and some have not."""
    before = time.perf_counter()
    for request in requests:
        replies.read_reply(request.form["Body"], option_count=MOST_OPTIONS)
    return time.perf_counter() - before


def _checking(requests: Sequence[Request]) -> float:
    """Seconds that their signatures take."""
    before = time.perf_counter()
    for request in requests:
        signature = request.headers["X-Twilio-Signature"]
        if not RequestValidator(AUTH_TOKEN).validate(_ADDRESS + PATH, request.form, signature):
            raise Refused("A signature is not what it should be.")
    return time.perf_counter() - before
