"""Waits on this machine for the browser that Google sends back (RFC 8252, section 7.3).

`async with listening(port) as loopback`, then `await loopback.wait_for(question, within=…)`. Only an answer to that
very question ends the waiting; whatever else asks there is told that there is nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from autosync.calendar_consent import Question
from autosync.model import Refused, Unusable

HOST = "127.0.0.1"

_LONGEST_REQUEST = 16 * 1024
_LONGEST_WAIT = 10.0
"""Seconds for one request."""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body style="font: 1.125rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 4rem auto; padding: 0 1rem">
<h1>{title}</h1><p>{text}</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Brought:
    """What the browser brought back; `error`: Google's name for why there is no code, or empty."""

    state: str
    code: str
    error: str


class Loopback:
    """What listens; made by `listening`."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._question: Question | None = None
        self._brought: asyncio.Future[Brought] = asyncio.get_running_loop().create_future()

    async def open(self, port: int) -> None:
        """Begins to listen. Raises Unusable where it cannot."""
        try:
            self._server = await asyncio.start_server(self._answer, HOST, port, limit=_LONGEST_REQUEST)
        except OSError as error:
            raise Unusable(
                f"Cannot listen on {HOST} port {port}: {error.strerror or error}. Try another --port."
            ) from None

    async def close(self) -> None:
        """Listens no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    @property
    def redirect_uri(self) -> str:
        """Where Google is to send the browser."""
        assert self._server is not None, "it is open"  # noqa: S101
        return f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}/"

    async def wait_for(self, question: Question, *, within: timedelta) -> Brought:
        """The answer to this question. Raises Refused where none comes in time."""
        self._question = question
        try:
            async with asyncio.timeout(within.total_seconds()):
                return await self._brought
        except TimeoutError:
            raise Refused("Nobody has answered Google's question in time. Nothing was connected.") from None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            async with asyncio.timeout(_LONGEST_WAIT):
                head = await reader.readuntil(b"\r\n\r\n")
                status, title, text = self._take(head.split(b"\r\n", 1)[0].decode("ascii", errors="replace"))
                writer.write(_response(status, title, text))
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _take(self, request_line: str) -> tuple[str, str, str]:
        """The status, title and text of the answer; keeps what was brought if it is what is waited for."""
        method, _, rest = request_line.partition(" ")
        target = urlsplit(rest.partition(" ")[0])
        values = {name: found[0] for name, found in parse_qs(target.query).items()}
        brought = Brought(values.get("state", ""), values.get("code", ""), values.get("error", ""))
        if method != "GET" or target.path != "/":
            return "404 Not Found", "There is nothing here", "This address is none of ours."
        if self._question is None or not self._question.is_answered_by(brought.state):
            return "400 Bad Request", "That did not work", "This does not belong to what was asked. Start again."
        if not self._brought.done():
            self._brought.set_result(brought)
        return "200 OK", "Back to the terminal", "It says how it went. You can close this window."


def _response(status: str, title: str, text: str) -> bytes:
    body = _PAGE.format(title=title, text=text).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nReferrer-Policy: no-referrer\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Loopback]:
    """One that listens on this port, or on any if it is 0, until the end. Raises Unusable where it cannot."""
    loopback = Loopback()
    await loopback.open(port)
    try:
        yield loopback
    finally:
        await loopback.close()
