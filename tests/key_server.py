"""Publishes signing keys over real HTTP, counts who asks, changes its keys, and goes down."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc.jwk import ECKey, RSAKey


@dataclass
class KeyServer:
    """What it answers, and how often it was asked. `hold`: set it to let answers through."""

    keys: list[Any] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    url: str = ""
    hold: threading.Event = field(default_factory=threading.Event)

    def publish(self, *keys: ECKey | RSAKey) -> None:
        """These keys and no others from now on."""
        self.keys = [key.as_dict(private=False) for key in keys]

    async def was_asked(self, times: int = 1) -> bool:
        """Whether this many have asked by now."""
        return self.asked >= times

    def answer(self) -> bytes:
        """The document as it is now."""
        self.asked += 1
        self.hold.wait(10)
        return json.dumps({"keys": self.keys}).encode() if self.body is None else self.body


@contextmanager
def run_key_server() -> Iterator[KeyServer]:
    """A server on a free port; it answers at once unless `hold` is cleared."""
    published = KeyServer()
    published.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = published.answer()
            self.send_response(published.status)
            for name, value in published.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    published.url = f"http://127.0.0.1:{server.server_port}/auth/v1/.well-known/jwks.json"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield published
    finally:
        published.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
