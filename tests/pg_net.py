"""What pg_net's worker does, on the stand-in of its schema: takes what is committed, posts it, keeps the answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from autosync.database.pool import Connection, connect

FOLDER = Path(__file__).parent

TAKE = """
delete from net.http_request_queue
where id in (select id from net.http_request_queue order by id for update skip locked)
returning id, url, headers, body, timeout_milliseconds
"""

KEEP = """
insert into net._http_response (id, status_code, content, timed_out, error_msg)
values (%(id)s, %(status)s, %(content)s, %(timed_out)s, %(error)s)
"""


async def lay_net(connection: Connection) -> None:
    """The stand-in for pg_net."""
    await connection.execute((FOLDER / "pg_net_stand_in.sql").read_bytes())


async def lay_vault(connection: Connection, **secrets: str) -> None:
    """The stand-in for the Vault, with secrets."""
    await connection.execute((FOLDER / "vault_stand_in.sql").read_bytes())
    for name, secret in secrets.items():
        await connection.execute("select vault.create_secret(%s, %s)", [secret, name])


async def post_once(connection: Connection, *, tell: Callable[[int | None], None] = lambda _: None) -> int:
    """Posts what is queued, one after the other; how much. `tell` gets each status, None where nobody answered."""
    taken = await (await connection.execute(TAKE)).fetchall()
    for id_, url, headers, body, milliseconds in taken:
        answer = await _post(url, headers, body, milliseconds / 1000)
        tell(answer["status"])  # before it is kept, for which the database may be away
        await connection.execute(KEEP, {"id": id_, **answer})
    return len(taken)


async def _post(url: str, headers: dict[str, str], body: bytes, seconds: float) -> dict[str, Any]:
    nothing = {"status": None, "content": None, "timed_out": None, "error": None}
    try:
        async with httpx.AsyncClient(timeout=seconds) as client:
            answer = await client.post(url, headers=headers, json=json.loads(body))
    except httpx.TimeoutException:
        return nothing | {"timed_out": True, "error": f"Timeout of {seconds:g} s reached"}
    except httpx.TransportError:
        return nothing | {"error": "Couldn't connect to server"}
    return nothing | {"status": answer.status_code, "content": answer.text, "timed_out": False}


@asynccontextmanager
async def posting(url: str) -> AsyncIterator[None]:
    """A worker at work on this database."""

    async def work() -> None:
        async with connect(url) as connection:
            while True:
                await post_once(connection)
                await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())
        try:
            yield
        finally:
            task.cancel()
