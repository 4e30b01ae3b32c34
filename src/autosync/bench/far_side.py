"""What stands on the other side in a measurement of texts: a gateway that takes its time, and a bare web handler.

`python -m autosync.bench.far_side gateway|handler|nothing` serves on a free port of the loopback, prints the port, and
ends with its standard input. The gateway answers as Twilio does, `GATEWAY_TAKES` after each call. The handler stands
for the least that a webhook can do: it keeps what came in by one INSERT. `DATABASE_URL` says where. The last one keeps
nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from autosync.database import bench
from autosync.database.pool import open_pool

GATEWAY_TAKES = 0.1
"""Seconds from a call to its answer."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def gateway() -> App:
    """Takes every text."""
    numbers = count(1)

    async def app(_scope: Message, receive: Receive, send: Send) -> None:
        await _body(receive)
        await asyncio.sleep(GATEWAY_TAKES)
        taken = {"sid": f"SM{next(numbers):032x}", "status": "queued", "error_code": None}
        await _answer(send, 201, json.dumps(taken).encode())

    return app


async def nothing(_scope: Message, receive: Receive, send: Send) -> None:
    """Reads what comes in, and says that all is well."""
    await _body(receive)
    await _answer(send, 204)


async def _serve(what: str) -> None:
    # Named as TCP, as the program's own is: else asyncio leaves Nagle's algorithm on.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(1024)
    async with open_pool(os.environ["DATABASE_URL"]) as pool:

        async def handler(_scope: Message, receive: Receive, send: Send) -> None:
            form = parse_qs((await _body(receive)).decode())
            async with pool.connection() as connection:
                await bench.keep_barely(connection, form["MessageSid"][0], form["From"][0], form["Body"][0])
            await _answer(send, 204)

        app = {"gateway": gateway(), "handler": handler, "nothing": nothing}[what]
        config = uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        sys.stdout.write(f"port {listening.getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        server.should_exit = True
        await serving


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
