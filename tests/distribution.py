"""Which tables of a statement are not held to the syncs that it is about: those would be looked up on every node.

Reads a statement with sqlglot. A table that hangs on a sync is held if its column with the sync's id is compared with
something given, or with that column of another such table, also through others in between; or if rows are put into it.
It knows nothing of what is tested, and no more SQL than the project writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

SYNC_ID = {
    "auto_syncs": "id", "auto_sync_options": "auto_sync_id", "auto_sync_responses": "auto_sync_id",
    "auto_sync_messages": "auto_sync_id", "auto_sync_invitees": "auto_sync_id", "job_queue": "sync_id",
    "auto_sync_events": "sync_id", "auto_sync_missing_reminders": "sync_id",
}  # fmt: skip
"""The tables and views that hang on a sync, and where they name it."""

Node = tuple[int, str]
GIVEN: Node = (0, "given")
SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert)


def strays(query: str) -> set[str]:
    """Names of the tables that hang on a sync and are not held to one."""
    tree = sqlglot.parse_one(_with_plain_parameters(query), read="postgres")
    tables = [table for table in tree.find_all(exp.Table) if table.name in SYNC_ID and not _is_put_into(table)]
    keys: dict[Node, str] = {(id(table), SYNC_ID[table.name]): table.name for table in tables}
    held = _held(_comparisons(tree), set(keys))
    return {name for key, name in keys.items() if key not in held}


def _with_plain_parameters(query: str) -> str:
    without_comments = re.sub(r"--.*", "", query)
    plain = re.sub(r"%\((\w+)\)s", r":\1", without_comments)
    return re.sub(r"for (no key update|share|update)\b[^\n]*", "", plain.replace("%%", "%"))


def _is_put_into(table: exp.Table) -> bool:
    target = table.find_ancestor(exp.Schema, exp.Insert, exp.Select)
    into = target if isinstance(target, exp.Schema) else table
    insert = into.parent
    if not isinstance(insert, exp.Insert) or insert.this is not into:
        return False
    columns = {column.name for column in into.expressions} if isinstance(into, exp.Schema) else set()
    return SYNC_ID[table.name] in columns


def _comparisons(tree: exp.Expression) -> Iterator[tuple[Node, Node]]:
    """What is said to be equal, as pairs."""
    for equality in tree.find_all(exp.EQ):
        sides = [_node(equality.this), _node(equality.expression)]
        if sides[0] is not None and sides[1] is not None:
            yield sides[0], sides[1]


def _node(side: exp.Expression) -> Node | None:
    if isinstance(side, exp.Column):
        source = _source(side)
        if source is None:
            return None
        return GIVEN if not isinstance(source, exp.Table) else (id(source), side.name)
    if any(isinstance(column, exp.Column) for column in side.find_all(exp.Column)):
        return None
    return GIVEN


def _source(column: exp.Column) -> exp.Expression | None:
    """What a column is of: by its name's prefix, or the only one in sight."""
    scope = column.find_ancestor(*SCOPES)
    while scope is not None:
        sources = list(_sources(scope))
        for name, source in sources:
            if column.table == name or (not column.table and len(sources) == 1):
                return source
        scope = scope.find_ancestor(*SCOPES)
    return None


def _sources(scope: exp.Expression) -> Iterator[tuple[str, exp.Expression]]:
    """What a statement reads from or writes to itself, with the names that it gives them."""
    parts: list[exp.Expression] = []
    if isinstance(scope, (exp.Update, exp.Delete)):
        parts.append(scope.this)
    from_ = scope.args.get("from_") or scope.args.get("from")
    if from_ is not None:
        parts.append(from_.this)
        parts += [join.this for join in from_.this.args.get("joins") or []]
    parts += [join.this for join in scope.args.get("joins") or []]
    parts += scope.args.get("laterals") or []
    for part in parts:
        yield part.alias_or_name, part


def _held(comparisons: Iterator[tuple[Node, Node]], keys: set[Node]) -> set[Node]:
    """The keys that lead to what is given, or to one another."""
    neighbours: dict[Node, set[Node]] = {}
    for one, other in comparisons:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    return {key for key in keys if _reaches(key, (keys | {GIVEN}) - {key}, neighbours)}


def _reaches(start: Node, goals: set[Node], neighbours: dict[Node, set[Node]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for node in neighbours.get(waiting.pop(), set()) - seen:
            if node in goals:
                return True
            seen.add(node)
            waiting.append(node)
    return False
