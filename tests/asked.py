"""Counts the statements that the program asks, through all of its connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from autosync.database import lines


@contextmanager
def statements_asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A list that each statement of this process is added to."""
    asked: list[str] = []
    execute = psycopg.AsyncConnection.execute

    async def counted(self: object, query: object, *args: object, **more: object) -> object:
        asked.append(str(query))
        return await execute(self, query, *args, **more)  # type: ignore[arg-type,call-overload]

    with monkeypatch.context() as patched:
        patched.setattr(psycopg.AsyncConnection, "execute", counted)
        # What is asked after a statement that takes long depends on the machine.
        patched.setattr(lines, "UNANSWERED", lines.LONGEST_STATEMENT)
        yield asked
