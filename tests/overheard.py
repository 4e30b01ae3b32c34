"""What the program tells anybody but whom it is about, looked through while the tests run: numbers, names, secrets.

Logs and standard error, /metrics, spans, and what is answered where a request is refused. What tests log is taken from
pytest, the application and its spans are listened to where they run; whoever runs a program adds what it wrote. Who
typed something may be shown it again.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from starlette.types import Message, Receive, Scope, Send

import pages
import signing
from own_pages import OPERATOR_KEY
from stand_in import AUTH_TOKEN, GOOGLES_SECRET

_SECRETS = (AUTH_TOKEN, GOOGLES_SECRET, signing.SECRET, OPERATOR_KEY, pages.SECRET.decode())
FORBIDDEN = {
    "a phone number": re.compile(r"(?:(?<![\w+])\+|%2B)\d{10,15}(?!\d)"),
    "a full name": re.compile(r"\bMaya Lopez\b"),
    "the words of a text": re.compile(r"Which times (?:work|can you)|Reply with all that work"),
    "a secret": re.compile("|".join(map(re.escape, _SECRETS))),
    "a token": re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}|/r/[\w-]{20,}|/sign-in/link/[\w-]{20,}"),
    "what Google gave": re.compile(r"\b(?:ya29\.|1//0|4/0A)[\w-]{20,}"),
}
AN_ID = {"an id": re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")}
_found: list[str] = []


def add(text: str, *, typed: str = "") -> None:
    """Something that a program wrote. `typed`: what it had been given by whom it answers."""
    _found.extend(personal([text], typed=typed))


def taken() -> list[str]:
    """What was found in all that was added since the last time."""
    found = list(_found)
    _found.clear()
    return found


def personal(texts: Iterable[str], *, typed: str = "", forbidden: dict[str, re.Pattern[str]] = FORBIDDEN) -> list[str]:
    """What is there, must not be, and was not `typed` by whoever reads it: what it is, and the line without it."""
    digits = re.sub(r"\D", "", typed)
    return [
        f"{what} in: {pattern.sub('(…)', line)[:300]}"
        for text in texts
        for line in text.splitlines()
        for what, pattern in forbidden.items()
        if any(not _is_typed(found[0], typed, digits) for found in pattern.finditer(line))
    ]


def _is_typed(found: str, typed: str, digits: str) -> bool:
    """Whether it is only repeated; people write numbers with and without the country and in groups."""
    number = re.sub(r"\D", "", found)
    return found in typed or (len(number) >= 10 and number[-10:] in digits)


def add_answer(method: str, url: str, status: int, *, asked: bytes, answered: bytes, is_own_page: bool = False) -> None:
    """What was answered to a request, of which `asked` is the body: all of /metrics, and whatever is refused.

    `is_own_page`: shown to an organizer who is signed in, or again to an invitee who has ticked nothing: whom it is
    about may stand on it beside what is wrong.
    """
    body = answered.decode(errors="replace")
    if url.partition("?")[0].endswith("/metrics"):
        _found.extend(f"/metrics: {each}" for each in personal([body], forbidden=FORBIDDEN | AN_ID))
    elif status >= 400:
        typed = f"{asked.decode(errors='replace')} {unquote_plus(asked.decode(errors='replace'))} {unquote_plus(url)}"
        forbidden = {"a secret": FORBIDDEN["a secret"]} if is_own_page else FORBIDDEN
        _found.extend(f"{status} to {method}: {each}" for each in personal([body], typed=typed, forbidden=forbidden))


class _Exchange:
    """One request to the application in this process, listened to on both sides."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._asked, self._answered = bytearray(), bytearray()
        self._status, self._is_page = 0, False

    async def receive(self) -> Message:
        event = await self._receive()
        self._asked += event.get("body", b"")
        return event

    async def send(self, event: Message) -> None:
        if event["type"] == "http.response.start":
            self._status = event["status"]
            self._is_page = dict(event.get("headers", ())).get(b"content-type", b"").startswith(b"text/html")
        if self._status >= 400 or self._scope["path"] == "/metrics":
            self._answered += event.get("body", b"")
        await self._send(event)

    def add(self) -> None:
        url = f"{self._scope['path']}?{self._scope['query_string'].decode()}"
        cookies = dict(self._scope["headers"]).get(b"cookie", b"")
        add_answer(
            self._scope["method"],
            url,
            self._status,
            asked=bytes(self._asked),
            answered=bytes(self._answered),
            is_own_page=self._is_page
            and (re.search(rb"\bautosync=", cookies) is not None or (url.startswith("/r/") and self._status == 422)),
        )


def listen() -> None:
    """From now on every application of ours in this process, every span, and every answer of a server is heard."""
    _listen_to_applications(FastAPI.__call__)
    _listen_to_servers(httpx.AsyncClient.send)
    _listen_to_spans(BatchSpanProcessor.on_end)


def _listen_to_applications(call: Callable[..., Awaitable[None]]) -> None:
    async def heard(app: FastAPI, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or app.title == "A stand-in for Twilio":
            return await call(app, scope, receive, send)
        exchange = _Exchange(scope, receive, send)
        try:
            await call(app, scope, exchange.receive, exchange.send)
        finally:
            exchange.add()

    FastAPI.__call__ = heard  # type: ignore[method-assign]


def _listen_to_servers(send: Callable[..., Awaitable[httpx.Response]]) -> None:
    async def heard(client: httpx.AsyncClient, request: httpx.Request, **options: Any) -> httpx.Response:
        response = await send(client, request, **options)
        if request.url.host == "127.0.0.1" and not options.get("stream"):
            url = request.url.raw_path.decode()
            add_answer(request.method, url, response.status_code, asked=request.content, answered=response.content)
        return response

    httpx.AsyncClient.send = heard  # type: ignore[method-assign]


def _listen_to_spans(on_end: Callable[..., None]) -> None:
    def heard(processor: BatchSpanProcessor, span: ReadableSpan) -> None:
        add(span.to_json())
        on_end(processor, span)

    BatchSpanProcessor.on_end = heard  # type: ignore[method-assign]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """No test passes in which something personal was told to somebody whom it does not concern."""
    outcome = yield
    if call.when != "teardown":
        return
    report = outcome.get_result()  # type: ignore[attr-defined]
    found = taken() + personal(text for _, text in report.sections)
    if found and report.passed:
        report.outcome = "failed"
        report.longrepr = "What was said while this was tested has something personal in it:\n" + "\n".join(found[:10])
