"""Tables, columns, triggers and functions, as they are and as this release makes them; the rest is in `constraints`.

Pure: `compare(actual, expected)` gives findings. What production had before the project may differ where the code does
not rely on it; what is more than expected is somebody else's care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autosync.database import migrate
from autosync.database.catalog import Catalog, Column, Function
from autosync.doctor import constraints
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, listed, note, ok, quoted, warning, worst, wrong

AREA = "schema"

_NULLS_NEEDED = {("auto_sync_messages", "contact_id"), ("auto_sync_messages", "sent_at")}
"""Production's columns that our own rows leave empty: a text to the organizer, and one that has not left."""


def compare(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """What is missing or different; a table that is missing is said once."""
    found = [
        *_tables(actual, expected),
        *_columns(actual, expected),
        *_further_columns(actual, expected),
        *_enum_labels(actual, expected),
        *constraints.compare(actual, expected),
        *_triggers(actual, expected),
        *_further_triggers(actual, expected),
        *_functions(actual, expected),
    ]
    yield from found
    if worst(found) in (Level.OK, Level.NOTE):
        kinds = f"{len(expected.tables)} tables and views, {len(expected.indexes)} indexes"
        yield ok(AREA, f"The schema is this release's: {kinds}, {len(expected.triggers)} triggers.")


def made_in(what: str) -> str:
    """The migration that last makes `what`, such as `table public.job_queue`."""
    pattern = re.compile(rf"create (or replace )?{re.escape(what)}\b".replace(r"table\ ", r"table (if not exists )?"))
    names = [f"{m.version}_{m.name}.sql" for m in migrate.migrations() if pattern.search(m.sql)]
    return f"`supabase/migrations/{names[-1]}`" if names else "its migration"


def _tables(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {table.name: table for table in actual.tables}
    for table in expected.tables:
        found = have.get(table.name)
        if found is None or found.kind != table.kind:
            file = made_in(f"{table.kind} public.{table.name}")
            yield wrong(
                AREA,
                f"The {table.kind} {table.name} is missing.",
                f"Restore it from a backup, or make it as {file} does.",
                missing=True,
            )
        elif table.logged and not found.logged:
            yield wrong(
                AREA,
                f"The table {table.name} is unlogged: a crash of the server empties it.",
                f"Run `alter table public.{table.name} set logged;`.",
            )
        elif table.security_invoker and not found.security_invoker:
            yield wrong(
                AREA,
                f"The view {table.name} reads with its owner's rights, past row-level security.",
                f"Run `alter view public.{table.name} set (security_invoker = true);`.",
            )


def _columns(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(column.table, column.name): column for column in actual.columns}
    for column in expected.columns:
        if column.table not in actual.table_names:
            continue
        found = have.get((column.table, column.name))
        if found is not None:
            yield from _compare_column(found, column)
        elif column.table in _views(expected):
            file = made_in(f"view public.{column.table}")
            yield wrong(
                AREA, f"The view {column.table} lacks {column.name}.", f"Make it anew as {file} does.", missing=True
            )
        else:
            what = f"The column {column.table}.{column.name} is missing."
            yield wrong(AREA, what, f"Run `{_add(column)}`.", missing=True)


def _further_columns(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Columns of somebody else's: their care, as long as our rows need not fill them."""
    ours = {(column.table, column.name) for column in expected.columns}
    further = [column for column in actual.columns if (column.table, column.name) not in ours]
    for column in further:
        if column.not_null and column.default is None:
            what = f"The column {column.table}.{column.name} is not this project's and demands a value: our rows fail."
            drop = f"alter table public.{column.table} alter column {quoted(column.name)} drop not null;"
            yield wrong(AREA, what, f"Give it a default, or run `{drop}`.")
    if harmless := [f"{c.table}.{c.name}" for c in further if not c.not_null or c.default is not None]:
        yield note(AREA, f"Columns of your own stand in the project's tables: {listed(harmless)}.")


def _views(catalog: Catalog) -> set[str]:
    return {table.name for table in catalog.tables if table.kind == "view"}


def _add(column: Column) -> str:
    default = f" default {column.default}" if column.default is not None else ""
    not_null = " not null" if column.not_null else ""
    return f"alter table public.{column.table} add column {column.name} {column.type}{default}{not_null};"


def _compare_column(found: Column, column: Column) -> Iterator[Finding]:
    name = f"{column.table}.{column.name}"
    alter = f"alter table public.{column.table} alter column {column.name}"
    if found.type != column.type:
        yield wrong(
            AREA,
            f"The column {name} is of type {found.type} instead of {column.type}.",
            f"Look at its values, then run `{alter} type {column.type} using {column.name}::{column.type};`.",
        )
        return
    productions = is_productions(column.table, [column.name])
    if found.not_null != column.not_null and (not productions or (column.table, column.name) in _NULLS_NEEDED):
        verb, is_now = ("set", "accepts nulls") if column.not_null else ("drop", "refuses nulls")
        yield wrong(AREA, f"The column {name} {is_now}, unlike this release's.", f"Run `{alter} {verb} not null;`.")
    if not productions and _plain(found.default) != _plain(column.default):
        change = "drop default" if column.default is None else f"set default {column.default}"
        yield wrong(
            AREA,
            f"The column {name} has {_default(found)} instead of {_default(column)}.",
            f"Run `{alter} {change};`.",
        )


def _default(column: Column) -> str:
    return "no default" if column.default is None else f"the default {column.default}"


def _plain(default: str | None) -> str | None:
    """A default without its casts, and in the same words as others that mean it."""
    if default is None:
        return None
    uncast = re.sub(r"::[\w. ]+(\[\])?", "", default)
    return re.sub(r"^(\w+\.)?uuid_generate_v4\(\)$", "gen_random_uuid()", uncast.replace("CURRENT_TIMESTAMP", "now()"))


def _enum_labels(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(label.table, label.column, label.label) for label in actual.enum_labels}
    enums = {(column.table, column.name) for column in actual.columns if column.type == "enum"}
    for label in expected.enum_labels:
        place = (label.table, label.column)
        if place in enums and (*place, label.label) not in have:
            yield wrong(
                AREA,
                f"The column {label.table}.{label.column} does not know the value {label.label}.",
                f"Find the type with `\\d public.{label.table}` and run `alter type ... add value '{label.label}';`.",
                missing=True,
            )
    known = {(label.table, label.column, label.label) for label in expected.enum_labels}
    places = {place[:2] for place in known}
    for table, column, value in sorted(have - known):
        if (table, column) in places:
            what = f"The column {table}.{column} knows a value that this release does not: {value}."
            advice = "Install the release that uses it; rows that have it cannot be processed by this one."
            yield warning(AREA, what, advice)


def _triggers(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(trigger.table, trigger.name): trigger for trigger in actual.triggers}
    for trigger in expected.triggers:
        if trigger.table not in actual.table_names:
            continue
        found = have.get((trigger.table, trigger.name))
        name = f"The trigger {trigger.name} on {trigger.table}"
        if found is None:
            yield wrong(AREA, f"{name} is missing.", f"Run `{trigger.definition};`.", missing=True)
        elif not found.enabled:
            enable = f"alter table public.{trigger.table} enable trigger {trigger.name};"
            yield wrong(AREA, f"{name} is disabled.", f"Run `{enable}`.")
        elif _untyped(found.definition) != _untyped(trigger.definition):
            replace = f"drop trigger {trigger.name} on public.{trigger.table}; {trigger.definition};"
            yield wrong(AREA, f"{name} is not this release's: {found.definition}.", f"Run `{replace}`.")


def _untyped(definition: str) -> str:
    """Without casts: production's own enum types have names of their own."""
    return re.sub(r"::[\w.\"]+", "", definition)


def _further_triggers(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Triggers of somebody else's: their care in production's tables, worth a look in the project's own."""
    ours = {(trigger.table, trigger.name) for trigger in expected.triggers}
    further = [trigger for trigger in actual.triggers if (trigger.table, trigger.name) not in ours]
    for trigger in further:
        if not is_productions(trigger.table):
            what = f"The trigger {trigger.name} on {trigger.table} is not this project's: {trigger.definition}."
            drop = f"drop trigger {quoted(trigger.name)} on public.{trigger.table};"
            yield warning(AREA, what, f"See that it neither refuses nor changes our rows; if it does, run `{drop}`.")
    if harmless := [f"{trigger.name} on {trigger.table}" for trigger in further if is_productions(trigger.table)]:
        yield note(AREA, f"Triggers of your own fire on production's tables: {listed(harmless)}.")


def _functions(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {function.signature: function for function in actual.functions}
    for function in expected.functions:
        found = have.get(function.signature)
        file = made_in(f"function {function.signature.partition('(')[0]}")
        if found is None:
            what = f"The function {function.signature} is missing."
            yield wrong(AREA, what, f"Make it as {file} does.", missing=True)
        else:
            yield from _compare_function(found, function, file)


def _compare_function(found: Function, function: Function, file: str) -> Iterator[Finding]:
    if (found.source, found.language) != (function.source, function.language):
        what = f"The function {function.signature} is not this release's: somebody has changed it."
        yield warning(AREA, what, f"Compare it with {file}, and put it back unless the change is meant.")
    elif found.volatility != function.volatility:
        what = f"The function {function.signature} is {found.volatility} instead of {function.volatility}."
        yield wrong(AREA, what, f"Run `alter function {function.signature} {function.volatility};`.")
