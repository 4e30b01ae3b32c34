"""Texts that leave and answers that come in, each beside the barest program that makes the same calls.

The other side runs in a process of its own (`far_side`), and so does what takes the answers; the two that are compared
take turns, round by round.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from statistics import median
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr

from autosync.bench.contest import as_url
from autosync.bench.costs import Cost, read_spent
from autosync.bench.report import Bar, Finding, Verdict
from autosync.bench.requests import AT_ONCE, AUTH_TOKEN, PATH, SENDER, make_requests
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Connection, connect, open_pool
from autosync.dispatcher import BATCH_SIZE, Dispatcher
from autosync.gateways.twilio import TwilioGateway
from autosync.model import Refused
from autosync.processor import Processor

ACCOUNT_SID = "AC" + "0" * 32
CREW = 8
_Run = tuple[float, Cost]
"""Calls a second, and what one of them cost."""


async def dispatch(url: str, *, texts: int, rounds: int) -> Finding:
    """Texts a second through a gateway that takes its time, and bare calls to it, as many at once."""
    async with connect(url) as connection:
        await bench.seed(connection, Population(1))
        await bench.set_clock_to_noon(connection)
        await bench.remove_people(connection)
    runs = await _by_turns(rounds, lambda: _dispatched(url, texts), lambda: _called(url, texts))
    return _finding(
        key="dispatch",
        title="Texts that leave",
        text=f"{texts:,} texts through a local gateway that answers after 100 ms, {BATCH_SIZE} calls at once: claimed,"
        " checked, sent by Twilio's SDK and recorded; beside the same calls by a bare HTTP client.",
        unit="texts/s",
        labels=("autosync", "bare calls"),
        runs=runs,
        wish=("dispatch, against bare calls", 0.8),
    )


async def inbound(url: str, *, answers: int, rounds: int) -> Finding:
    """Answers a second through the signed webhook, and through a bare handler that only keeps them."""
    async with connect(url) as connection:
        await bench.seed(connection, Population(max(1, answers // CREW), crew=CREW, answered=0))
        numbers = await bench.list_numbers(connection)
    serve = (sys.executable, "-m", "autosync", "serve", "--no-worker", "--port", "0")
    runs = await _by_turns(
        rounds,
        *(
            partial(_answered, url, command, numbers, answers)
            for command in (serve, _far_side("handler"), _far_side("nothing"))
        ),
    )
    return _finding(
        key="inbound",
        title="Answers that come in",
        text=f"{answers:,} answers by text, {AT_ONCE} at once: signature checked, told apart from repeats, bound to"
        " their ask, read, kept, and the response goal looked at; beside a handler that makes one INSERT of each,"
        " and one that keeps nothing, which is what the web server alone takes.",
        unit="answers/s",
        labels=("autosync", "bare handler", "web server alone"),
        runs=runs,
        wish=("inbound answers, against a bare handler", 0.6),
    )


async def _by_turns(rounds: int, *contestants: Callable[[], Awaitable[_Run]]) -> list[list[_Run]]:
    found: list[list[_Run]] = [[] for _ in contestants]
    for round_ in range(rounds):
        for turn in range(len(contestants)):
            place = (turn + round_) % len(contestants)
            found[place].append(await contestants[place]())
    return found


@asynccontextmanager
async def _serving(url: str, command: Sequence[str]) -> AsyncIterator[tuple[str, Process]]:
    """A server in a process of its own, which says its port in a line that it writes; its address."""
    environment = {
        **os.environ,
        "DATABASE_URL": as_url(url),
        "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "AUTOSYNC_LOG_LEVEL": "info",
    }
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stdout=PIPE, stderr=STDOUT)
    assert process.stdin is not None, "it is a pipe"  # noqa: S101
    assert process.stdout is not None, "it is a pipe"  # noqa: S101
    try:
        while (found := re.search(rb"port\W+(\d+)", line := await process.stdout.readline())) is None:
            if not line:
                raise Refused(f"{command[2]} did not start.")
        draining = asyncio.create_task(_drain(process.stdout))
        yield f"http://127.0.0.1:{int(found[1])}", process
    finally:
        process.kill()
        await process.wait()
        await draining


async def _drain(said: asyncio.StreamReader) -> None:
    """Reads on, so that who writes a log never waits."""
    while await said.readline():
        pass


# Leaving


async def _dispatched(url: str, texts: int) -> _Run:
    async with connect(url) as connection:
        await bench.seed(connection, Population(max(1, texts // CREW), crew=CREW, answered=0))
    async with open_pool(url) as pool, _serving(url, _far_side("gateway")) as (address, _):
        await Processor(pool=pool).process_due()
        async with connect(url) as connection:
            there = await bench.count_texts(connection, "sent")
        gateway = TwilioGateway(
            account_sid=ACCOUNT_SID,
            auth_token=SecretStr(AUTH_TOKEN),
            from_number=SENDER,
            base_url=address,
            public_url=address,
        )
        dispatcher = Dispatcher(pool=pool, gateways={"twilio": gateway}, gateway="twilio", region="US")
        await dispatcher.look_up_once()
        async with connect(url) as connection:
            spent = await _spent_here(connection)
            before = time.perf_counter()
            sent = await dispatcher.dispatch_due()
            seconds = time.perf_counter() - before
            cost = await _spent_here(connection) - spent
        await gateway.close()
    async with connect(url) as connection:
        recorded = await bench.count_texts(connection, "sent") - there
        await bench.remove_people(connection)
    if not texts <= sent == recorded:
        raise Refused(f"Of {texts:,} texts {sent:,} were sent and {recorded:,} recorded.")
    return sent / seconds, cost / sent


async def _spent_here(connection: Connection) -> Cost:
    """What this process, and the connection's server, have spent so far."""
    return replace(await read_spent(connection, ()), program=time.process_time())


async def _called(url: str, texts: int) -> _Run:
    path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"
    form = {"To": SENDER, "From": SENDER, "Body": "Board game night: which times work? " * 5, "ValidityPeriod": "14400"}
    body = urlencode(form).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with _serving(url, _far_side("gateway")) as (address, _), aiohttp.ClientSession() as client:

        async def call(_place: int) -> None:
            async with client.post(address + path, data=body, headers=headers) as answer:
                await answer.json()

        before, spent = time.perf_counter(), time.process_time()
        await _each(range(texts), call, at_once=BATCH_SIZE)
        rate = texts / (time.perf_counter() - before)
        return rate, Cost(program=(time.process_time() - spent) / texts, server=0, wal=0)


def _far_side(what: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "autosync.bench.far_side", what)


# Coming in


async def _answered(url: str, command: Sequence[str], numbers: Sequence[str], answers: int) -> _Run:
    async with (
        connect(url) as connection,
        _serving(url, command) as (address, process),
        aiohttp.ClientSession() as client,
    ):
        requests = make_requests(address, numbers, answers + AT_ONCE)
        refused = 0

        async def send(place: int) -> None:
            nonlocal refused
            request = requests[place]
            async with client.post(address + PATH, data=request.body, headers=request.headers) as answer:
                refused += answer.status != 204

        await _each(range(AT_ONCE), send, at_once=AT_ONCE)  # the first ones open the connections
        spent = await read_spent(connection, [process])
        before = time.perf_counter()
        await _each(range(AT_ONCE, len(requests)), send, at_once=AT_ONCE)
        seconds = time.perf_counter() - before
        cost = await read_spent(connection, [process]) - spent
    if refused:
        raise Refused(f"{refused:,} of {answers:,} answers were refused.")
    return answers / seconds, cost / answers


async def _each(places: range, do: Callable[[int], Awaitable[None]], *, at_once: int) -> None:
    """Does every place, so many of them at the same time."""
    waiting = iter(places)

    async def go_on() -> None:
        for place in waiting:
            await do(place)

    await asyncio.gather(*(go_on() for _ in range(at_once)))


def _finding(
    *,
    key: str,
    title: str,
    text: str,
    unit: str,
    labels: Sequence[str],
    runs: Sequence[Sequence[_Run]],
    wish: tuple[str, float],
) -> Finding:
    """A finding on some that were compared: the own one first, then the one that it is measured by."""
    rates = [sorted(rate for rate, _ in found) for found in runs]
    middles = [median(found) for found in rates]
    one = unit.partition("/")[0].rstrip("s")
    return Finding(
        key=key,
        title=title,
        text=text,
        columns=("", unit, "range", f"program µs/{one}", f"server µs/{one}"),
        rows=tuple(
            (
                label,
                f"{median(found):,.0f}",
                f"{found[0]:,.0f} to {found[-1]:,.0f}",
                f"{median(cost.program for _, cost in run) * 1e6:,.0f}",
                f"{median(cost.server for _, cost in run) * 1e6:,.0f}",
            )
            for label, found, run in zip(labels, rates, runs, strict=True)
        ),
        unit=unit,
        bars=tuple(
            Bar(label, median(found), found[0], found[-1], place == 0)
            for place, (label, found) in enumerate(zip(labels, rates, strict=True))
        ),
        verdicts=(Verdict(wish[0], middles[0] / middles[1], wish[1]),),
    )
