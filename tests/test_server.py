"""How the web is served, beneath what it says."""

from __future__ import annotations

import socket
from typing import Any

import httpx
from fastapi import FastAPI, Request

from autosync.web.server import listen, serving_beside
from commands import serving
from factories import Factory
from waiting import until


async def test_an_answer_does_not_wait_until_the_one_before_was_acknowledged() -> None:
    app = FastAPI()
    delayed: list[bool] = []

    async def note_whether_it_waits(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            connection = send.__self__.transport.get_extra_info("socket")
            delayed.append(not connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        await app(scope, receive, send)

    @app.get("/")
    async def answer(_: Request) -> dict[str, bool]:
        return {"well": True}

    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with serving_beside(note_whether_it_waits, listening), httpx.AsyncClient(base_url=address) as http:  # type: ignore[arg-type]
        assert (await http.get("/")).json() == {"well": True}

    assert delayed == [False]


async def test_what_serves_without_a_worker_forgets_old_texts_all_the_same(
    factory: Factory, database_url: str, unused_port: int
) -> None:
    sync = await factory.sync()
    await factory.do(
        "update auto_syncs set status = 'stopped', stopped_at = autosync_now() - interval '31 days' where id = %s",
        sync.id,
    )
    await factory.do("update auto_sync_messages set body = 'Tea on Friday?' where auto_sync_id = %s", sync.id)

    async def is_forgotten() -> bool:
        return not await factory.one("select count(*) from auto_sync_messages where body is not null")

    async with serving(database_url, unused_port, AUTOSYNC_KEEP_TEXTS_DAYS="30"):
        await until(is_forgotten)
