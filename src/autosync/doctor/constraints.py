"""Checks, foreign keys and indexes, as they are and as this release makes them.

Pure: `compare(actual, expected)` gives findings. What production had before the project may differ where the code does
not rely on it; what is more than expected is only said where it can stand in our way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autosync.database.catalog import Catalog, CheckConstraint, ForeignKey, Index
from autosync.doctor.conditions import tied_columns, tree
from autosync.doctor.expected import is_productions
from autosync.doctor.findings import Finding, Level, quoted, warning, wrong

AREA = "schema"

_GUARDS = {("auto_sync_responses", ("auto_sync_id", "contact_id"))}
"""Production's unique keys that our statements name."""

_FILLED = {"auto_sync_messages", "auto_sync_responses"}
"""Production's tables that jobs and answers insert into."""


def compare(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """What is missing or different, and what was added that can refuse our rows or make us slow."""
    yield from _checks(actual, expected)
    yield from _foreign_keys(actual, expected)
    yield from _indexes(actual, expected)
    yield from _further_unique_keys(actual, expected)
    yield from _unindexed(actual, expected)


def _checks(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    columns = _column_names(actual)
    unexpected = set(actual.checks)
    missing = []
    for check in expected.checks:
        same = [c for c in actual.checks if (c.table, tree(c.definition)) == (check.table, tree(check.definition))]
        unexpected.difference_update(same)
        yield from (_not_validated(c) for c in same[:1] if check.valid and not c.valid)
        if not same and _can_stand(check.table, check.columns, columns):
            missing.append(check)
    for check in missing:
        others = [c for c in unexpected if (c.table, c.columns) == (check.table, check.columns)]
        unexpected.difference_update(others)
        yield _missing_check(check, sorted(others, key=lambda c: c.name))
    ours = {table.name for table in expected.tables if not is_productions(table.name)}
    for check in sorted((c for c in unexpected if c.table in ours), key=lambda c: c.name):
        if not is_productions(check.table, check.columns):
            what = f"The table {check.table} has one more check than this release's, {check.name}: {check.definition}."
            drop = f"alter table public.{check.table} drop constraint {quoted(check.name)};"
            yield warning(AREA, what, f"See that it lets all of our rows pass; if not, run `{drop}`.")


def _column_names(catalog: Catalog) -> set[tuple[str, str]]:
    return {(column.table, column.name) for column in catalog.columns}


def _can_stand(table: str, columns: Iterable[str], have: set[tuple[str, str]]) -> bool:
    """Whether all columns are there; if not, that one is missing says it all. An expression is no column."""
    return all((table, column) in have for column in columns)


def _not_validated(check: CheckConstraint) -> Finding:
    return warning(
        AREA,
        f"The constraint {check.name} on {check.table} was never checked against the rows that were there before it.",
        f"Run `alter table public.{check.table} validate constraint {quoted(check.name)};`.",
    )


def _missing_check(check: CheckConstraint, others: list[CheckConstraint]) -> Finding:
    table = f"alter table public.{check.table}"
    drops = "".join(f"{table} drop constraint {quoted(other.name)}; " for other in others)
    instead = f" but {others[0].definition}" if others else ""
    what = f"The table {check.table} lacks {check.definition}{instead}."
    advice = f"Run `{drops}{table} add constraint {check.name} {check.definition};`."
    return Finding(AREA, _level(check.table, check.columns), what, advice, missing=True)


def _level(table: str, columns: Iterable[str]) -> Level:
    return Level.WARNING if is_productions(table, list(columns)) else Level.WRONG


def _foreign_keys(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    have = {(key.table, key.columns, key.target): key for key in actual.foreign_keys}
    columns = _column_names(actual)
    for key in expected.foreign_keys:
        found = have.get((key.table, key.columns, key.target))
        productions = is_productions(key.table, key.columns)
        if found is not None and (productions or found.on_delete == key.on_delete):
            if not found.enforced:
                yield _not_enforced(found)
            continue
        target = key.target.removeprefix("public.")
        if not _can_stand(key.table, key.columns, columns) or (
            key.target.startswith("public.") and target not in actual.table_names
        ):
            continue
        table = f"alter table public.{key.table}"
        drop = f"{table} drop constraint {quoted(found.name)}; " if found else ""
        yield Finding(
            AREA,
            _level(key.table, key.columns),
            f"{key.table}.{', '.join(key.columns)} should reference {target}, on delete {key.on_delete},"
            f" but {'does not' if found is None else f'says on delete {found.on_delete}'}.",
            f"Run `{drop}{table} add constraint {key.name} {key.definition};`.",
            missing=found is None,
        )


def _not_enforced(key: ForeignKey) -> Finding:
    target = key.target.removeprefix("public.")
    referencing = f"{key.table} ({', '.join(key.columns)}) to {target}"
    if "NOT VALID" in key.definition:
        what = f"The foreign key from {referencing} was never checked against the rows that were there before it."
        return warning(AREA, what, f"Run `alter table public.{key.table} validate constraint {quoted(key.name)};`.")
    what = f"The foreign key from {referencing} is not kept: its triggers are disabled."
    tables = f"alter table public.{key.table} enable trigger all; alter table {key.target} enable trigger all;"
    return wrong(AREA, what, f"Run `{tables}`, then look for rows that lead nowhere.")


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
            yield _missing_index(index, actual)
    for index in sorted(broken, key=lambda found: found.name):
        yield wrong(
            AREA,
            f"The index {index.name} on {index.table} is invalid, so nothing uses it.",
            f"Run `reindex index concurrently public.{quoted(index.name)};`.",
        )


def _does_for(found: Index, index: Index) -> bool:
    """Whether `found` does what `index` is for. A unique one must be the same; for another, one that begins so does."""
    if (found.table, tree(found.predicate)) != (index.table, tree(index.predicate)):
        return False
    if not index.unique:
        return found.columns[: len(index.columns)] == index.columns
    nulls = "NULLS NOT DISTINCT"
    return (
        found.unique
        and set(found.columns) == set(index.columns)
        and (nulls in found.definition) == (nulls in index.definition)
    )


def _missing_index(index: Index, actual: Catalog) -> Finding:
    of = f"{index.table} ({', '.join(index.columns)})" + (f" where {index.predicate}" if index.predicate else "")
    if not index.unique:
        taken = any(found.name == index.name for found in actual.indexes)
        drop = f"drop index concurrently public.{index.name}; " if taken else ""
        create = drop + index.definition.replace("CREATE INDEX", "CREATE INDEX CONCURRENTLY", 1)
        what = f"There is no index on {of}, so what needs it reads the whole table."
        return warning(AREA, what, f"Run `{create};`.", missing=True)
    relied_on = (index.table, index.columns) in _GUARDS
    level = Level.WRONG if relied_on else _level(index.table, index.columns)
    what = f"Nothing keeps {of} from standing there twice."
    has_another_key = any(i.table == index.table and "PRIMARY KEY" in i.definition for i in actual.indexes)
    add_unique = f"alter table public.{index.table} add unique ({', '.join(index.columns)})"
    add = add_unique if has_another_key and "PRIMARY KEY" in index.definition else index.definition
    return Finding(AREA, level, what, f"Remove doubles, then run `{add};`.", missing=True)


def _further_unique_keys(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Unique keys of somebody else's on the tables that we insert into: they may refuse our rows."""
    for found in actual.indexes:
        keys = [index for index in expected.indexes if index.table == found.table and index.unique]
        if not found.unique or not keys or (is_productions(found.table) and found.table not in _FILLED):
            continue
        if any(_is_no_stricter(found, key) for key in keys):
            continue
        of = f"{found.table} ({', '.join(found.columns)})"
        constraint = f"alter table public.{found.table} drop constraint {quoted(found.name)};"
        index = f"drop index public.{quoted(found.name)};"
        drop = constraint if found.definition.startswith("ALTER TABLE") else index
        what = f"{found.name} keeps {of} from standing there twice, unlike this release's: it can refuse our rows."
        yield warning(AREA, what, f"Run `{drop}` unless it is meant.")


def _is_no_stricter(found: Index, key: Index) -> bool:
    """Whether rows that fulfil `key` fulfil `found`, too."""
    return set(key.columns) <= set(found.columns) and tree(key.predicate) in (None, tree(found.predicate))


def _unindexed(actual: Catalog, expected: Catalog) -> Iterator[Finding]:
    """Foreign keys and policies, of production's own or added by somebody, that no index carries."""
    carried = {(i.table, i.columns[0]) for i in actual.indexes if i.valid and i.predicate is None}
    told = {(i.table, i.columns[0]) for i in expected.indexes if i.predicate is None}
    wanted: dict[tuple[str, str], str] = {}
    for key in actual.foreign_keys:
        wanted[key.table, key.columns[0]] = f"whatever is deleted from {key.target.removeprefix('public.')}"
    for policy in actual.policies:
        for expression in (policy.using, policy.check if policy.using is None else None):
            wanted |= {(policy.table, column): f"the policy {policy.name}" for column in tied_columns(tree(expression))}
    for (table, column), who in sorted(wanted.items()):
        if (table, column) not in carried | told:
            what = f"There is no index on {table} ({column}), so {who} reads the whole table."
            advice = f"Run `create index concurrently on public.{table} ({quoted(column)});`."
            yield warning(AREA, what, advice, missing=True)
