"""What a review asks of schema public beside the project's own: tables, views and functions that the API serves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autosync.database.pool import Connection
from autosync.database.statements import statement

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table without row-level security that API roles may use."""

    name: str
    roles: Names


@dataclass(frozen=True, slots=True)
class OpenView:
    """A view that API roles may read and that reads these tables with its owner's rights.

    `asks`: its text calls auth.uid() or the like.
    """

    name: str
    materialized: bool
    roles: Names
    reads: Names
    asks: bool


@dataclass(frozen=True, slots=True)
class OpenFunction:
    """A SECURITY DEFINER function that API roles may call. `pinned`: it sets its search_path."""

    signature: str
    callers: Names
    pinned: bool


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All of these, at most 50 of a kind."""

    tables: tuple[OpenTable, ...]
    views: tuple[OpenView, ...]
    functions: tuple[OpenFunction, ...]


async def read(connection: Connection, *, tables: Collection[str], functions: Collection[str]) -> Surroundings:
    """What stands in schema public beside these tables and functions (signatures) and leads past their guards."""
    found_tables = await connection.execute(statement("review_open_tables"), {"tables": sorted(tables)})
    found_views = await connection.execute(statement("review_open_views"), {"tables": sorted(tables)})
    found_functions = await connection.execute(statement("review_open_functions"), {"functions": sorted(functions)})
    return Surroundings(
        tuple([OpenTable(name, tuple(roles)) async for name, roles in found_tables]),
        tuple([OpenView(n, m, tuple(roles), tuple(reads), asks) async for n, m, roles, reads, asks in found_views]),
        tuple([OpenFunction(signature, tuple(who), pinned) async for signature, who, pinned in found_functions]),
    )
