"""Logs: one JSON object a line where nobody watches, other libraries' lines too, and nothing of anybody in them."""

from __future__ import annotations

import json
import logging
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
import structlog
from fastapi import FastAPI

from autosync.cli import logs
from autosync.web.server import listen, serving_beside
from commands import environment, serving
from factories import Factory

ROW = ("+12125550101", "Maya Lopez")
SAY = """
import logging
from autosync.cli import logs
import structlog
logs.set_up("info")
structlog.get_logger().info("text_received", sync_id="1")
logging.getLogger("elsewhere").warning("it is %s", "late")
"""


@contextmanager
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[list[dict[str, Any]]]:
    """Filled, at the end, with what was logged as a worker logs; then tests log as ever."""
    before, root = structlog.get_config(), logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in ("uvicorn", "uvicorn.error"))]
    as_they_were = [(logger.handlers[:], logger.level, logger.propagate) for logger in loggers]
    for logger in loggers[1:]:  # another test may have had uvicorn set up its own
        logger.handlers[:], logger.propagate = [], True
    lines: list[dict[str, Any]] = []
    logs.set_up("info")
    try:
        yield lines
    finally:
        structlog.configure(**before)
        for logger, (handlers, level, propagate) in zip(loggers, as_they_were, strict=True):
            logger.handlers[:], logger.propagate = handlers, propagate
            logger.setLevel(level)
    lines += [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def raised_by(url: str) -> psycopg.Error:
    """An error of the database that quotes a row."""
    with psycopg.connect(url) as connection:
        connection.execute("create temporary table t (number text, name text check (name = ''))")
        with pytest.raises(psycopg.errors.CheckViolation) as raised:
            connection.execute("insert into t values (%s, %s)", ROW)
    assert ROW[1] in str(raised.value), "so there is something to leave out"
    return raised.value


def test_an_error_of_the_database_is_logged_without_the_row_that_it_quotes(
    capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    with written(capsys) as lines:
        try:
            try:
                raise raised_by(database_url)
            except psycopg.Error as error:
                raise RuntimeError("The turn failed.") from error
        except RuntimeError:
            structlog.get_logger().exception("turn_failed", job_id="1")
    [line] = lines
    assert (line["event"], line["job_id"], line["level"]) == ("turn_failed", "1", "error")
    assert "RuntimeError: The turn failed." in line["exception"]
    assert 'new row for relation "t" violates check constraint' in line["exception"]
    assert ROW[1] not in line["exception"]
    assert "DETAIL" not in line["exception"]


def test_of_a_number_no_more_than_four_digits_are_logged(capsys: pytest.CaptureFixture[str]) -> None:
    with written(capsys) as lines:
        structlog.get_logger().warning("refused", reason="+12125550101 is no mobile", texts=["+12125550102", 3])
        logging.getLogger("elsewhere").warning("to %s", "+12125550103")
    mine, others = lines
    assert (mine["reason"], mine["texts"]) == ("...0101 is no mobile", ["...0102", 3])
    assert (others["event"], others["logger"], others["level"]) == ("to ...0103", "elsewhere", "warning")
    assert others["timestamp"].endswith("Z")


async def test_what_the_server_logs_of_a_fault_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    app = FastAPI()

    @app.get("/")
    async def fail() -> None:
        raise RuntimeError("+12125550101 of somebody")

    listening = listen("127.0.0.1", 0)
    with written(capsys) as lines:
        async with serving_beside(app, listening), httpx.AsyncClient() as client:
            assert (await client.get(f"http://127.0.0.1:{listening.getsockname()[1]}/")).status_code == 500
    [line] = lines
    assert (line["logger"], line["level"]) == ("uvicorn.error", "error")
    assert "RuntimeError: ...0101 of somebody" in line["exception"]


async def test_whatever_a_program_logs_that_nobody_watches_is_json(
    factory: Factory, database_url: str, unused_port: int
) -> None:
    del factory
    async with (
        serving(database_url, unused_port) as said,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_port}") as client,
    ):
        await client.get("/health/ready")
        lines = [json.loads(line) for line in said().splitlines()]
    assert [line["event"] for line in lines] == ["serving"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no terminals of this kind")
def test_on_a_terminal_it_is_for_people() -> None:
    ours, theirs = pty.openpty()
    subprocess.run([sys.executable, "-c", SAY], stderr=theirs, check=True, env=environment(None, TERM="dumb"))
    os.close(theirs)
    said = os.read(ours, 10_000).decode()
    os.close(ours)
    assert "text_received" in said
    assert "sync_id" in said
    assert "it is late" in said
    assert "{" not in said
