"""The stand-in for Twilio under uvicorn, in a thread, on a port of its own; and whoever it posts to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from autosync.fake_twilio import create_app

ACCOUNT_SID = "AC" + 32 * "a"
AUTH_TOKEN = "an-auth-token-that-nobody-may-see"
FROM = "+15005550006"
GOOGLES_SECRET = "a-client-secret-that-nobody-may-see"
"""That of the other stand-in: it is listened for in every test, most of which do not need that one."""


class StandIn:
    """A running stand-in, spoken to over HTTP only."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=30)

    def misbehave(self, **plan: Any) -> None:
        """Replaces the plan of faults; nothing: none."""
        answer = self._http.post("/fake/misbehave", json=plan)
        assert answer.status_code == 204, answer.text

    def plan(self, number: str, *faults: str) -> None:
        """What goes wrong with the next requests to this number."""
        self.misbehave(numbers={number: list(faults)}, slow_seconds=0.2, retry_after=7)

    def accepted(self) -> list[dict[str, Any]]:
        """The ledger: every text that was taken."""
        entries: list[dict[str, Any]] = self._http.get("/fake/ledger").json()["accepted"]
        return entries

    def refused(self) -> list[dict[str, Any]]:
        """The ledger: every refusal that is for good."""
        entries: list[dict[str, Any]] = self._http.get("/fake/ledger").json()["refused"]
        return entries

    def requests(self) -> dict[str, int]:
        """How often it was asked, and how much is in hand."""
        asked: dict[str, int] = self._http.get("/fake/requests").json()
        return asked

    def is_at_rest(self) -> bool:
        """Whether nothing that was asked is still being done.

        Asked twice, for what was still on the wire, and over new connections, which come behind those that somebody has
        made and not lived to see accepted.
        """
        return all(httpx.get(f"{self.url}/fake/requests", timeout=30).json()["in_hand"] == 0 for _ in range(2))

    def inbound(self, **text: Any) -> dict[str, Any]:
        """Lets a text come in."""
        answer: dict[str, Any] = self._http.post("/fake/inbound", json=text).json()
        return answer

    def close(self) -> None:
        """Hangs up."""
        self._http.close()


@dataclass
class Webhook:
    """Somebody whom the stand-in posts to: answers 204 and keeps what came, as (URL, fields, signature)."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int) -> list[tuple[str, dict[str, str], str]]:
        """What came, once it is this much."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, timeout=15), self.requests
            return list(self.requests)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        signature = dict(scope["headers"]).get(b"x-twilio-signature", b"").decode()
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        with self.arrived:
            self.requests.append((f"{self.url}{scope['path']}{query}", fields, signature))
            self.arrived.notify_all()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def stand_in(*, inbound_url: str | None = None, pace: float = 0) -> Iterator[StandIn]:
    """A fresh stand-in."""
    app = create_app(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, inbound_url=inbound_url, pace=pace)
    with _served(app, lifespan="on") as url:
        running = StandIn(url)
        yield running
        running.close()


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Somebody to post to."""
    receiver = Webhook()
    with _served(receiver, lifespan="off") as receiver.url:
        yield receiver


@contextmanager
def serving_app(app: ASGIApp) -> Iterator[str]:
    """Any application, at this address."""
    with _served(app, lifespan="off") as url:
        yield url


@contextmanager
def _served(app: ASGIApp, *, lifespan: str) -> Iterator[str]:
    # By its name: else asyncio leaves Nagle's algorithm on, and every answer waits 40 ms for an acknowledgement.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        config = uvicorn.Config(
            app,
            lifespan=lifespan,  # type: ignore[arg-type]
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)
