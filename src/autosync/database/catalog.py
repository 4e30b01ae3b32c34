"""What a database says of its own schema: tables, columns, constraints, indexes, triggers, policies, grants, functions.

`await read(connection)` gives a Catalog of schema public, in a form that PostgreSQL 15 to 18 agree on; so that two
catalogs can be compared. Run it with an empty search_path (`begin_review.sql`), or names lose their schemas.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from autosync.database.pool import Connection
from autosync.database.statements import statement

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view. `kind`: table or view. `logged`: its rows outlive a crash.

    `shuts_out_owner`: its policies are forced upon an owner who cannot see past them, so its triggers cannot either.
    """

    name: str
    kind: str
    row_security: bool
    security_invoker: bool
    logged: bool
    shuts_out_owner: bool


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is a family: text for every string type, integer for every whole number, enum for every enum."""

    table: str
    name: str
    type: str
    not_null: bool
    default: str | None


@dataclass(frozen=True, slots=True)
class EnumLabel:
    """A value that an enum column knows."""

    table: str
    column: str
    label: str


@dataclass(frozen=True, slots=True)
class CheckConstraint:
    """`columns`: those that it speaks of, by name."""

    table: str
    columns: Names
    definition: str
    name: str
    valid: bool


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`target`: the table with its schema; `on_delete`: no action, cascade, set null or set default.

    `enforced`: it was checked against the rows before it, and none of the triggers that keep it is switched off.
    """

    table: str
    columns: Names
    target: str
    on_delete: str
    definition: str
    name: str
    enforced: bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index, or what carries a primary key or unique constraint. `definition`: the SQL that makes it."""

    table: str
    columns: Names
    predicate: str | None
    unique: bool
    valid: bool
    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """`definition`: the SQL that makes it."""

    table: str
    name: str
    definition: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """`command`: ALL, SELECT, INSERT, UPDATE or DELETE; `roles`: public stands for every role."""

    table: str
    name: str
    permissive: bool
    command: str
    roles: Names
    using: str | None
    check: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """What one of the API roles may do with a table; where only with some columns, they stand behind, in brackets."""

    table: str
    role: str
    privilege: str


@dataclass(frozen=True, slots=True)
class Function:
    """`source`: a digest; `volatility`: immutable, stable or volatile; `callers`: the API roles, PUBLIC for everybody.

    `settings`: those that it brings along, `name=value`, but for the search_path.
    `able`: it runs with its caller's rights, or with those of an owner whom row-level security lets at the queue.
    """

    signature: str
    security_definer: bool
    search_path: str | None
    settings: Names
    source: str
    language: str
    volatility: str
    able: bool
    callers: Names

    @property
    def name(self) -> str:
        """Without schema and arguments."""
        return self.signature.partition("(")[0].rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Catalog:
    """All facts, each kind in the order of its names."""

    tables: tuple[Table, ...]
    columns: tuple[Column, ...]
    enum_labels: tuple[EnumLabel, ...]
    checks: tuple[CheckConstraint, ...]
    foreign_keys: tuple[ForeignKey, ...]
    indexes: tuple[Index, ...]
    triggers: tuple[Trigger, ...]
    policies: tuple[Policy, ...]
    grants: tuple[Grant, ...]
    functions: tuple[Function, ...]

    @property
    def table_names(self) -> frozenset[str]:
        """Tables and views."""
        return frozenset(table.name for table in self.tables)


_FACTS: dict[str, type] = {
    "tables": Table,
    "columns": Column,
    "enum_labels": EnumLabel,
    "checks": CheckConstraint,
    "foreign_keys": ForeignKey,
    "indexes": Index,
    "triggers": Trigger,
    "policies": Policy,
    "grants": Grant,
    "functions": Function,
}

Rows = dict[str, list[list[Any]]]
"""A catalog as plain lists, by kind: what is kept in a file."""


async def read(
    connection: Connection, *, tables: Collection[str] | None = None, functions: Collection[str] | None = None
) -> Catalog:
    """The catalog of schema public: of these tables and functions (names without arguments), or of all."""
    wanted = {
        "tables": None if tables is None else sorted(tables),
        "functions": None if functions is None else sorted(functions),
    }
    found: Rows = {}
    for kind in _FACTS:
        cursor = await connection.execute(statement(f"review_{kind}"), wanted)
        found[kind] = [list(row) for row in await cursor.fetchall()]
    return from_rows(found)


def from_rows(rows: Rows) -> Catalog:
    """The catalog that these lists describe."""
    return Catalog(**{kind: tuple(_fact(fact, row) for row in rows[kind]) for kind, fact in _FACTS.items()})


def to_rows(catalog: Catalog) -> Rows:
    """The catalog as plain lists; `from_rows` reads them back."""
    return {kind: [_values(fact) for fact in getattr(catalog, kind)] for kind in _FACTS}


def _fact(fact: type, row: list[Any]) -> Any:
    return fact(*(tuple(value) if isinstance(value, list) else value for value in row))


def _values(fact: Any) -> list[Any]:
    values = (getattr(fact, field.name) for field in fields(fact))
    return [list(value) if isinstance(value, tuple) else value for value in values]
