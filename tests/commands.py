"""Runs the command `autosync` as a person would: a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

import overheard
from waiting import until

AUTOSYNC = str(Path(sys.executable).with_name("autosync"))


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


def environment(database_url: str | None, **settings: str) -> dict[str, str]:
    """This process's environment without any setting of the program but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOSYNC_")}
    kept.pop("DATABASE_URL", None)
    return kept | ({"DATABASE_URL": database_url} if database_url else {}) | settings


def autosync(*arguments: str, database_url: str | None = None, stdin: str = "", **settings: str) -> Ran:
    """Runs one command to its end."""
    done = subprocess.run(
        [AUTOSYNC, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(database_url, **settings),
        check=False,
    )
    overheard.add(done.stderr, typed=" ".join((*arguments, stdin)))
    return Ran(done.returncode, done.stdout, done.stderr)


@asynccontextmanager
async def serving(database_url: str, port: int, **settings: str) -> AsyncIterator[Callable[[], str]]:
    """`autosync serve --no-worker` on this port, ready. Gives a way to read all that it has said so far."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [AUTOSYNC, "serve", "--no-worker", "--port", str(port)],
            env=environment(database_url, **settings),
            stdout=said,
            stderr=said,
        )

        def so_far() -> str:
            return os.pread(said.fileno(), 10_000_000, 0).decode()

        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

                async def is_ready() -> bool:
                    assert process.poll() is None, so_far()
                    with suppress(httpx.TransportError):
                        return (await client.get("/health/ready")).status_code == 200
                    return False

                await until(is_ready)
            yield so_far
        finally:
            process.terminate()
            process.wait(timeout=30)
            overheard.add(so_far())


@asynccontextmanager
async def playing(port: int, **settings: str) -> AsyncIterator[subprocess.Popen[bytes]]:
    """`autosync demo` on this port, up; stopped at the end, whatever happened."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [AUTOSYNC, "demo", "--port", str(port)],
            env=environment(None, **settings),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

                async def is_up() -> bool:
                    assert process.poll() is None, os.pread(said.fileno(), 100_000, 0).decode()
                    with suppress(httpx.TransportError):
                        return (await client.get("/demo")).status_code == 200
                    return False

                await until(is_up)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)
            overheard.add(os.pread(said.fileno(), 10_000_000, 0).decode())


@asynccontextmanager
async def a_worker(database_url: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`autosync worker` with metrics on a port of its own, and where they are."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "autosync", "worker", "--metrics-port", "0",
        env=environment(database_url, AUTOSYNC_LOG_LEVEL="info"),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said = ""
    try:
        assert process.stdout is not None
        while not (port := re.search(r"port\W+(\d+)", said)):
            line = await asyncio.wait_for(process.stdout.readline(), 30)
            assert line, said
            said += line.decode()
        yield process, f"http://127.0.0.1:{port[1]}"
    finally:
        if process.returncode is None:
            process.kill()
        left, _ = await process.communicate()
        overheard.add(said + left.decode())
