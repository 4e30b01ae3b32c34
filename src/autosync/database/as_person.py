"""Acts in the database as a person who is signed in, so that row-level security guards what is read and written.

As PostgREST does it: the role `authenticated` and the claims of the person's token, for one transaction. It holds
through a transaction pooler. Whether the claims are true is for the caller to know.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from autosync.database.pool import Connection, Pool
from autosync.database.statements import statement


class CannotActAsPersonError(Exception):
    """The role that we connect as may not become `authenticated`, or there is no such role: one sentence."""


@asynccontextmanager
async def as_person(pool: Pool, claims: str) -> AsyncIterator[Connection]:
    """A connection in one transaction as the person of these claims (a JSON object with `sub` and `role`).

    Raises CannotActAsPersonError.
    """
    async with pool.connection() as connection, connection.transaction():
        try:
            await connection.execute(statement("act_as_person"), {"claims": claims})
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue) as error:
            message = (
                f"Our database role may not act as authenticated; grant it that role: {error.diag.message_primary}."
            )
            raise CannotActAsPersonError(message) from error
        yield connection
