"""Tables, columns, constraints, indexes, triggers and functions, as they are and as this release makes them.

Pure: `compare(actual, expected)` gives findings. What production had before the project may differ where the code does
not rely on it; what is more than expected is somebody else's care.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from autosync.database import migrate
from autosync.database.catalog import Catalog, CheckConstraint, Column, Index
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, ok, warning, wrong

AREA = "schema"

_NULLS_NEEDED = {("auto_sync_messages", "contact_id"), ("auto_sync_messages", "sent_at")}
"""Production's columns that our own rows leave empty: a text to the organizer, and one that has not left."""

_GUARDS = {("auto_sync_responses", ("auto_sync_id", "contact_id"))}
"""Production's unique keys that our statements name."""


def compare(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """What is missing or different; a table that is missing is said once."""
    found = [
        *_tables(actual, expected),
        *_columns(actual, expected),
        *_enum_labels(actual, expected),
        *_checks(actual, expected),
        *_foreign_keys(actual, expected),
        *_indexes(actual, expected),
        *_triggers(actual, expected),
        *_functions(actual, expected),
    ]
    yield from found
    if not found:
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
            yield wrong(AREA, f"The view {column.table} lacks {column.name}.", f"Make it anew as {file} does.")
        else:
            yield wrong(AREA, f"The column {column.table}.{column.name} is missing.", f"Run `{_add(column)}`.")


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
            )


def _checks(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    columns = _column_names(actual)
    unexpected = set(actual.checks)
    missing = []
    for check in expected.checks:
        same = [c for c in actual.checks if (c.table, c.definition) == (check.table, check.definition)]
        unexpected.difference_update(same)
        yield from (_not_validated(c) for c in same[:1] if not c.valid)
        if not same and _can_stand(check.table, check.columns, columns):
            missing.append(check)
    for check in missing:
        others = [c for c in unexpected if (c.table, c.columns) == (check.table, check.columns)]
        yield _missing_check(check, sorted(others, key=lambda c: c.name))


def _column_names(catalog: Catalog) -> set[tuple[str, str]]:
    return {(column.table, column.name) for column in catalog.columns}


def _can_stand(table: str, columns: Iterable[str], have: set[tuple[str, str]]) -> bool:
    """Whether all columns are there; if not, that one is missing says it all. An expression is no column."""
    return all((table, column) in have for column in columns)


def _not_validated(check: CheckConstraint) -> Finding:
    return warning(
        AREA,
        f"The constraint {check.name} on {check.table} was never checked against the rows that were there before it.",
        f"Run `alter table public.{check.table} validate constraint {_quoted(check.name)};`.",
    )


def _missing_check(check: CheckConstraint, others: list[CheckConstraint]) -> Finding:
    table = f"alter table public.{check.table}"
    drops = "".join(f"{table} drop constraint {_quoted(other.name)}; " for other in others)
    instead = f" but {others[0].definition}" if others else ""
    what = f"The table {check.table} lacks {check.definition}{instead}."
    advice = f"Run `{drops}{table} add constraint {check.name} {check.definition};`."
    return Finding(AREA, _level(check.table, check.columns), what, advice)


def _level(table: str, columns: Iterable[str]) -> Level:
    return Level.WARNING if is_productions(table, list(columns)) else Level.WRONG


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


def _foreign_keys(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(key.table, key.columns, key.target): key for key in actual.foreign_keys}
    columns = _column_names(actual)
    for key in expected.foreign_keys:
        found = have.get((key.table, key.columns, key.target))
        productions = is_productions(key.table, key.columns)
        if found is not None and (productions or found.on_delete == key.on_delete):
            continue
        target = key.target.removeprefix("public.")
        if not _can_stand(key.table, key.columns, columns) or (
            key.target.startswith("public.") and target not in actual.table_names
        ):
            continue
        table = f"alter table public.{key.table}"
        drop = f"{table} drop constraint {_quoted(found.name)}; " if found else ""
        yield Finding(
            AREA,
            _level(key.table, key.columns),
            f"{key.table}.{', '.join(key.columns)} should reference {target}, on delete {key.on_delete},"
            f" but {'does not' if found is None else f'says on delete {found.on_delete}'}.",
            f"Run `{drop}{table} add constraint {key.name} {key.definition};`.",
        )


def _indexes(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    columns = _column_names(actual)
    broken: set[Index] = set()
    for index in expected.indexes:
        if any(found.valid and _does_for(found, index) for found in actual.indexes):
            continue
        invalid = [found for found in actual.indexes if _does_for(found, index)]
        if invalid:
            broken.update(invalid[:1])
        elif _can_stand(index.table, (column for column in index.columns if column.isidentifier()), columns):
            yield _missing_index(index)
    for index in sorted(broken, key=lambda found: found.name):
        yield wrong(
            AREA,
            f"The index {index.name} on {index.table} is invalid, so nothing uses it.",
            f"Run `reindex index concurrently public.{_quoted(index.name)};`.",
        )


def _does_for(found: Index, index: Index) -> bool:
    """Whether `found` does what `index` is for. A unique one must be the same; for another, one that begins so does."""
    if (found.table, found.predicate) != (index.table, index.predicate):
        return False
    if not index.unique:
        return found.columns[: len(index.columns)] == index.columns
    nulls = "NULLS NOT DISTINCT"
    return (
        found.unique
        and set(found.columns) == set(index.columns)
        and (nulls in found.definition) == (nulls in index.definition)
    )


def _missing_index(index: Index) -> Finding:
    of = f"{index.table} ({', '.join(index.columns)})" + (f" where {index.predicate}" if index.predicate else "")
    if not index.unique:
        create = index.definition.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1)
        return warning(AREA, f"There is no index on {of}, so what needs it reads the whole table.", f"Run `{create};`.")
    relied_on = (index.table, index.columns) in _GUARDS
    level = Level.WRONG if relied_on else _level(index.table, index.columns)
    what = f"Nothing keeps {of} from standing there twice."
    return Finding(AREA, level, what, f"Remove doubles, then run `{index.definition};`.")


def _triggers(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(trigger.table, trigger.name): trigger for trigger in actual.triggers}
    for trigger in expected.triggers:
        if trigger.table not in actual.table_names:
            continue
        found = have.get((trigger.table, trigger.name))
        name = f"The trigger {trigger.name} on {trigger.table}"
        if found is None:
            yield wrong(AREA, f"{name} is missing.", f"Run `{trigger.definition};`.")
        elif not found.enabled:
            enable = f"alter table public.{trigger.table} enable trigger {trigger.name};"
            yield wrong(AREA, f"{name} is disabled.", f"Run `{enable}`.")
        elif _untyped(found.definition) != _untyped(trigger.definition):
            replace = f"drop trigger {trigger.name} on public.{trigger.table}; {trigger.definition};"
            yield wrong(AREA, f"{name} is not this release's: {found.definition}.", f"Run `{replace}`.")


def _untyped(definition: str) -> str:
    """Without casts: production's own enum types have names of their own."""
    return re.sub(r"::[\w.\"]+", "", definition)


def _functions(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {function.signature: function for function in actual.functions}
    for function in expected.functions:
        found = have.get(function.signature)
        file = made_in(f"function {function.signature.partition('(')[0]}")
        if found is None:
            yield wrong(AREA, f"The function {function.signature} is missing.", f"Make it as {file} does.")
        elif found.source != function.source:
            what = f"The function {function.signature} is not this release's: somebody has changed it."
            yield warning(AREA, what, f"Compare it with {file}, and put it back unless the change is meant.")
