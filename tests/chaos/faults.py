"""What goes wrong, how often, and what is known afterwards of each time: when it began, and when it was over."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import httpx
import psycopg

from autosync.fake_twilio.faults import Fault
from chaos.crew import Crew, Member
from chaos.server import Server
from chaos.wire import Wire

SOME_OF_EACH = {fault: 0.01 for fault in Fault if fault not in (Fault.NO_PERMISSION, Fault.UNROUTABLE)} | {
    Fault.INVALID_NUMBER: 0.002, Fault.UNSUBSCRIBED: 0.002, Fault.NOT_MOBILE: 0.002,
}  # fmt: skip
"""How Twilio misbehaves all the time."""
_FIGURES = re.compile(r"\d[\d.,]*")
OUTAGE = {Fault.ERROR_BEFORE: 1.0}


@dataclass(frozen=True, slots=True)
class Happened:
    """One fault, on the monotonic clock."""

    name: str
    began: float
    over: float


@dataclass
class Faults:
    """All of them, side by side; those that need the server itself take turns."""

    server: Server
    crew: Crew
    wires: Sequence[Wire]
    twilio_url: str
    seed: int
    happened: list[Happened] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _server_is_mine: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._ways_down = cycle([
            ("server killed", self.server.crash),
            ("server restarted", self.server.restart),
            ("session killed", self.server.crash_a_session),
        ])  # fmt: skip

    async def happen(self, until: float, *, pace: float = 1.0) -> None:
        """Until this moment of the monotonic clock. `pace`: seconds for each second of the plan below.

        Each fault begins so many seconds after it last began, on average; one that takes longer, once it is over.
        """
        plan: list[tuple[str, float, Callable[[], Awaitable[str | None]]]] = [
            ("SIGKILL of a process", 1.0, self._kill_somebody),
            ("", 15, self._take_the_server_down),
            ("sessions terminated", 5, self._terminate_sessions),
            ("connections cut", 7, self._cut),
            ("connections frozen", 31, self._freeze),
            ("connections stranded", 41, self._strand),
            ("disk full", 53, self._fill_the_disk),
            ("no connection left", 47, self._crowd),
            ("Twilio down", 61, self._take_twilio_down),
        ]
        await self.misbehave(SOME_OF_EACH)
        async with asyncio.TaskGroup() as group:
            for name, every, do in plan:
                group.create_task(self._again_and_again(name, every * pace, do, until))

    async def misbehave(self, probabilities: dict[Fault, float]) -> None:
        """Replaces what goes wrong at Twilio; nothing: nothing does."""
        plan = {"probabilities": {str(fault): chance for fault, chance in probabilities.items()}}
        async with httpx.AsyncClient(base_url=self.twilio_url, timeout=30) as http:
            answer = await http.post("/fake/misbehave", json=plan | {"slow_seconds": 2.0, "seed": self.seed})
            assert answer.status_code == 204, answer.text

    async def _again_and_again(
        self, name: str, every: float, do: Callable[[], Awaitable[str | None]], until: float
    ) -> None:
        began = time.monotonic()
        while True:
            await asyncio.sleep(max(began + every * self._dice.uniform(0.7, 1.3) - time.monotonic(), 0))
            began = time.monotonic()
            if began >= until:
                return
            name = await do() or name
            self.happened.append(Happened(name, began, time.monotonic()))

    async def _kill_somebody(self) -> None:
        mortal = [each for each in self.crew.members if each.is_mortal]
        (member,) = self._dice.choices(mortal, [each.weight for each in mortal])
        await asyncio.to_thread(self._kill, member)

    def _kill(self, member: Member) -> None:
        for each in self.crew.members:
            each.look_after()
        member.kill()

    async def _take_the_server_down(self) -> str:
        async with self._server_is_mine:
            name, take_down = next(self._ways_down)
            await asyncio.to_thread(take_down)
        return name

    async def _terminate_sessions(self) -> None:
        with suppress(psycopg.Error):
            await asyncio.to_thread(self.server.terminate_a_session)

    async def _cut(self) -> None:
        self._dice.choice(self.wires).cut()

    async def _freeze(self) -> None:
        await self._dice.choice(self.wires).freeze(4)

    async def _strand(self) -> None:
        """A session whose worker is killed meanwhile holds its locks until the server lets go of them, or goes down."""
        self._dice.choice(self.wires).strand()

    async def _fill_the_disk(self) -> None:
        async with self._server_is_mine:
            with self.server.full_disk():
                await asyncio.sleep(3)

    async def _crowd(self) -> None:
        async with self._server_is_mine:
            crowd = self.server.crowd()
            await asyncio.to_thread(crowd.__enter__)
            await asyncio.sleep(3)
            await asyncio.to_thread(crowd.__exit__, None, None, None)

    async def _take_twilio_down(self) -> None:
        await self.misbehave(OUTAGE)
        await asyncio.sleep(4)
        await self.misbehave(SOME_OF_EACH)


@dataclass
class Watch:
    """What the one worker that nobody kills says of its health, four times a second."""

    url: str
    turned: list[float] = field(default_factory=list)
    """When all of its claim loops had last come to the end of a turn, on the monotonic clock."""
    said: Counter[str] = field(default_factory=Counter)
    """What it said that it waits for, without figures."""

    async def look(self, until: float) -> None:
        """Until this moment of the monotonic clock."""
        async with httpx.AsyncClient(timeout=30) as http:
            while time.monotonic() < until:
                with suppress(httpx.HTTPError):
                    self._note(await http.get(self.url))
                await asyncio.sleep(0.25)

    def _note(self, answer: httpx.Response) -> None:
        told: dict[str, Any] = answer.json()
        for sentence in told.get("waits_for", [told.get("detail")]):
            self.said[_FIGURES.sub("…", str(sentence))] += 1
        still = told.get("claim_loop_stands_still_seconds")
        if still is not None:
            self.turned.append(time.monotonic() - still)

    def recovery(self, fault: Happened) -> float | None:
        """Seconds from the end of a fault until its claim loops had turned; None if they did not any more."""
        return next((at - fault.over for at in self.turned if at > fault.over), None)


@dataclass
class Progress:
    """How many texts Twilio has taken, again and again, to see how soon that goes on after a fault."""

    twilio_url: str
    seen: list[tuple[float, int]] = field(default_factory=list)

    async def watch(self, until: float) -> None:
        """Looks five times a second."""
        async with httpx.AsyncClient(base_url=self.twilio_url, timeout=30) as http:
            while time.monotonic() < until:
                with suppress(httpx.HTTPError):
                    asked: dict[str, Any] = (await http.get("/fake/requests")).json()
                    self.seen.append((time.monotonic(), int(asked["taken"])))
                await asyncio.sleep(0.2)

    def recovery(self, fault: Happened) -> float | None:
        """Seconds from the end of a fault until another text was taken; None if none was any more."""
        before = max((count for at, count in self.seen if at <= fault.over), default=0)
        return next((at - fault.over for at, count in self.seen if at > fault.over and count > before), None)
