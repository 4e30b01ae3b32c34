"""Crashes between any two steps of a protocol: the wires of a process are counted and cut, or the process is killed.

`RoundTrips` relays a process's connections to its servers and notes each request as one step; it can be told to let the
process die just before one of them, or to lose the answer to it. `Mortals` gives processes that really die, by SIGKILL:
`python round_trips.py` forks one for each line that it reads. It knows nothing of what is tested.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from autosync.database.statements import statement

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

NO_STEPS = {statement(name).decode().partition("\n")[0][:70] for name in ("is_at_statement", "end_session")}
"""What is asked after a statement that takes long, which depends on the machine."""


class Crash(StrEnum):
    """What happens at a step. The server sees the end of the connection in either case."""

    KILLED = "killed just before"
    ANSWER_LOST = "connection lost after"


@dataclass
class RoundTrips:
    """The steps so far, in their order, by name; and what is to happen at one of them, counted from 1."""

    steps: list[str] = field(default_factory=list)
    crash: Crash | None = None
    at: int = 0
    crashed: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the server has let go of the connection of the crash, and of its locks."""

    def start(self, crash: Crash | None = None, *, at: int = 0) -> None:
        """Counts from one again."""
        self.steps, self.crash, self.at = [], crash, at
        self.crashed.clear()
        self.over.clear()

    def next(self, step: str) -> Crash | None:
        """Notes a step; what happens at it."""
        self.steps.append(step)
        if len(self.steps) != self.at:
            return None
        self.crashed.set()
        return self.crash

    @property
    def stands_still(self) -> bool:
        """Whether a process is to be killed, so that nothing that it still says may get through."""
        return self.crash is Crash.KILLED and self.crashed.is_set() and not self.over.is_set()

    @asynccontextmanager
    async def postgres(self, url: str) -> AsyncIterator[str]:
        """Relays to this database; gives the connection string to use instead."""
        parts = conninfo_to_dict(url)
        host, port = str(parts.get("host")), int(parts.get("port") or 5432)

        async def connect() -> Streams:
            if host.startswith("/"):
                return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
            return await asyncio.open_connection(host, port)

        async with self._relay(connect, _name_of_statement, _is_complete_in_postgres) as relay:
            yield make_conninfo(url, host="127.0.0.1", port=relay, sslmode="disable", gssencmode="disable")

    @asynccontextmanager
    async def http(self, url: str) -> AsyncIterator[str]:
        """Relays to this server; gives the address to use instead."""
        server = urlsplit(url)
        async with self._relay(
            lambda: asyncio.open_connection(server.hostname, server.port), _name_of_request, bool
        ) as relay:
            yield f"http://127.0.0.1:{relay}"

    @asynccontextmanager
    async def _relay(
        self,
        connect: Callable[[], Awaitable[Streams]],
        name: Callable[[bytes], str | None],
        is_complete: Callable[[bytes], bool],
    ) -> AsyncIterator[int]:
        links: set[_Link] = set()

        async def accept(*client: Any) -> None:
            link = _Link(self, client, await connect(), name, is_complete)
            links.add(link)
            await link.run()
            links.discard(link)

        listener = await asyncio.start_server(accept, "127.0.0.1", 0)
        try:
            yield listener.sockets[0].getsockname()[1]
        finally:
            listener.close()
            for link in list(links):
                link.hang_up()
                await link.ended.wait()


class _Link:
    """One connection. Client and server take turns, so the first bytes after an answer begin a request."""

    def __init__(
        self,
        trips: RoundTrips,
        client: Streams,
        server: Streams,
        name: Callable[[bytes], str | None],
        is_complete: Callable[[bytes], bool],
    ) -> None:
        self._trips = trips
        self._from_client, self._to_client = client
        self._from_server, self._to_server = server
        self._name, self._is_complete = name, is_complete
        self._is_answered = True
        self._loses_answer = False
        self._crashes = False
        self.ended = asyncio.Event()

    async def run(self) -> None:
        """Until both sides have hung up."""
        await asyncio.gather(self._forward_requests(), self._forward_answers())
        self.hang_up()
        self.ended.set()
        if self._crashes:
            self._trips.over.set()

    def hang_up(self) -> None:
        """On both sides, at once."""
        self._to_client.transport.abort()
        self._to_server.transport.abort()

    async def _forward_requests(self) -> None:
        while request := await _read(self._from_client):
            if self._trips.stands_still:
                continue
            if self._is_answered and (step := self._name(request)) is not None:
                crash = self._trips.next(step)
                self._crashes |= crash is not None
                self._loses_answer = crash is Crash.ANSWER_LOST
                if crash is Crash.KILLED:
                    continue
            self._is_answered = False
            self._to_server.write(request)
        self._to_server.write_eof()

    async def _forward_answers(self) -> None:
        lost = b""
        while answer := await _read(self._from_server):
            self._is_answered = True
            if not self._loses_answer:
                self._to_client.write(answer)
                continue
            lost += answer
            if self._is_complete(lost):
                self._to_client.transport.abort()
        self._to_client.transport.abort()


async def _read(stream: asyncio.StreamReader) -> bytes:
    try:
        return await stream.read(65_536)
    except ConnectionError:
        return b""


def _name_of_statement(request: bytes) -> str | None:
    """The first words of what PostgreSQL is asked; None: no statement (connecting, a sign of life, hanging up)."""
    kind, rest = request[:1], request[5:]
    if kind not in (b"P", b"Q"):
        return None
    words = (rest.partition(b"\0")[2] if kind == b"P" else rest).partition(b"\0")[0]
    name = words.decode().strip().partition("\n")[0][:70]
    return None if name in NO_STEPS else name or None


def _is_complete_in_postgres(answer: bytes) -> bool:
    """Whether it ends with ReadyForQuery."""
    return answer[-6:-1] == b"Z\0\0\0\x05"


def _name_of_request(request: bytes) -> str | None:
    method = request.partition(b" ")[0].decode()
    return f"HTTP {method}"


class Mortals:
    """Processes that run `module:function(*args)`, one at a time, and can be killed."""

    def __init__(self) -> None:
        self._forker = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._pid = 0

    async def start(self, function: str, *args: str | float) -> None:
        """Starts the process that runs this coroutine function."""
        assert self._forker.stdin is not None
        self._forker.stdin.write(json.dumps([function, args]) + "\n")
        self._forker.stdin.flush()
        self._pid = await self._next_number()

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self._pid, signal.SIGKILL)

    async def ended(self) -> int:
        """How it ended: 0, 1 after an exception, or -9."""
        return await self._next_number()

    def close(self) -> None:
        """Starts no more."""
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        self._forker.stdin.close()
        self._forker.wait(timeout=10)
        self._forker.stdout.close()

    async def _next_number(self) -> int:
        assert self._forker.stdout is not None
        return int(await asyncio.to_thread(self._forker.stdout.readline))


def _fork_for_each_line() -> None:
    for line in sys.stdin:
        name, args = json.loads(line)
        module, _, function = name.partition(":")
        coroutine_function = getattr(import_module(module), function)
        pid = os.fork()
        if pid == 0:
            _run_and_exit(coroutine_function, args)
        _say(pid)
        _, status = os.waitpid(pid, 0)
        _say(os.waitstatus_to_exitcode(status))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _run_and_exit(coroutine_function: Callable[..., Any], args: list[str | float]) -> None:
    status = 1
    os.dup2(2, 1)  # what it prints is not for whoever reads the forker
    try:
        asyncio.run(coroutine_function(*args))
        status = 0
    except Exception:  # noqa: BLE001 - it must not come back from here as a second forker
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _fork_for_each_line()
