"""What of a statement would not stay on the nodes of the syncs that it is about, where the tables are spread by these.

Reads a statement with sqlglot. A table that hangs on a sync is held if a condition says that its column with the sync's
id is something given, also through such columns of other tables in between; or if rows are put into it. A function of
the database that touches such a table is not read: it counts as a stray of its own.
It knows nothing of what is tested, and no more SQL than the project writes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

ROOT = Path(__file__).parents[1]
SQL = ROOT / "src/autosync/database/sql"

SYNC_ID = {
    "auto_syncs": "id", "auto_sync_options": "auto_sync_id", "auto_sync_responses": "auto_sync_id",
    "auto_sync_messages": "auto_sync_id", "auto_sync_invitees": "auto_sync_id", "job_queue": "sync_id",
    "auto_sync_events": "sync_id", "auto_sync_missing_reminders": "sync_id",
}  # fmt: skip
"""The tables and views that hang on a sync, and where they name it."""

Node = tuple[int, str]
GIVEN: Node = (0, "given")
SCOPES = (exp.Select, exp.Update, exp.Delete, exp.Insert)
ROW_LOCK = re.compile(r"\bfor (?:no key update|share|update)\b(?: of \w+(?:, \w+)*)?(?: skip locked| nowait)?")
CHANGES_EACH_TIME = re.compile(r"\b(?:clock_timestamp|random|gen_random_uuid)\(")
"""Functions that PostgreSQL calls volatile, as far as the project uses them."""


def named_in(*modules: str) -> set[str]:
    """The statements that these modules of `autosync.database` name, wherever in them a file's name stands."""
    trees = [ast.parse((SQL.parent / f"{module}.py").read_text()) for module in modules]
    words = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return {file.stem for file in SQL.glob("*.sql")} & words


def strays(query: str) -> set[str]:
    """Names of the tables that hang on a sync and are not held to one that is given, and of functions that touch such.

    Held is also what is joined by the sync's id to such a table.
    """
    tree = _parse(query)
    keys = _keys(tree)
    held = _held(_comparisons(tree), set(keys))
    called = set(re.findall(r"public\.(\w+)\(", _without_comments(query)))
    return {name for key, name in keys.items() if key not in held} | (called & functions_that_touch_syncs())


def parts_from_its_sync(query: str) -> bool:
    """Whether some table is neither held nor joined by the sync's id to another: rows of several nodes would meet."""
    tree = _parse(query)
    keys = _keys(tree)
    joined = _held(_comparisons(tree), set(keys), others=True)
    return bool(set(keys) - joined)


def refused(query: str) -> set[str]:
    """What Citus says it refuses of a statement: "row locks" over several nodes, "volatile" functions in a change."""
    tree, plain = _parse(query), _without_comments(query)
    found = set()
    if ROW_LOCK.search(plain) and _keys(tree) and not _is_of_one_sync(tree):
        found.add("row locks")
    changed = [node.this for node in tree.find_all(exp.Update, exp.Delete)]
    if CHANGES_EACH_TIME.search(plain) and any(
        isinstance(table, exp.Table) and table.name in SYNC_ID for table in changed
    ):
        found.add("volatile")
    return found


@cache
def functions_that_touch_syncs() -> frozenset[str]:
    """Names of the database's functions in which a table stands that hangs on a sync, or another such function."""
    bodies: dict[str, str] = {}
    for migration in sorted((ROOT / "supabase/migrations").glob("*.sql")):
        made = re.findall(
            r"create (?:or replace )?function public\.(\w+)\(.*?\$\$(.*?)\$\$", migration.read_text(), re.DOTALL
        )
        bodies.update(made)
    touching: set[str] = set()
    while more := {
        name
        for name, body in bodies.items()
        if name not in touching and set(re.findall(r"public\.(\w+)", body)) & (touching | SYNC_ID.keys())
    }:
        touching |= more
    return frozenset(touching)


def _parse(query: str) -> exp.Expression:
    plain = re.sub(r"%\((\w+)\)s", r":\1", _without_comments(query)).replace("%%", "%")
    tree: exp.Expression = sqlglot.parse_one(ROW_LOCK.sub("", plain), read="postgres")
    return tree


def _without_comments(query: str) -> str:
    return re.sub(r"--.*", "", query)


def _keys(tree: exp.Expression) -> dict[Node, str]:
    tables = [table for table in tree.find_all(exp.Table) if table.name in SYNC_ID and not _is_put_into(table)]
    return {(id(table), SYNC_ID[table.name]): table.name for table in tables}


def _is_of_one_sync(tree: exp.Expression) -> bool:
    """Whether each table's sync is one parameter: such a statement goes to one node."""
    keys = _keys(tree)
    one = [
        (left, right)
        for left, right in _comparisons(tree, only=(exp.Column, exp.Placeholder))
        if left == GIVEN or right == GIVEN or (left in keys and right in keys)
    ]
    return set(keys) == _held(iter(one), set(keys))


def _is_put_into(table: exp.Table) -> bool:
    target = table.find_ancestor(exp.Schema, exp.Insert, exp.Select)
    into = target if isinstance(target, exp.Schema) else table
    insert = into.parent
    if not isinstance(insert, exp.Insert) or insert.this is not into:
        return False
    columns = {column.name for column in into.expressions} if isinstance(into, exp.Schema) else set()
    return SYNC_ID[table.name] in columns


def _comparisons(
    tree: exp.Expression, only: tuple[type[exp.Expression], ...] = (exp.Expression,)
) -> Iterator[tuple[Node, Node]]:
    """What conditions say to be equal, as pairs, where both sides are of these kinds."""
    for equality in tree.find_all(exp.EQ):
        sides = [_node(equality.this), _node(equality.expression)]
        are_such = isinstance(equality.this, only) and isinstance(equality.expression, only)
        if sides[0] is not None and sides[1] is not None and are_such and _must_hold(equality):
            yield sides[0], sides[1]


def _must_hold(equality: exp.Expression) -> bool:
    """Whether a row without it is left out: it is not one of several ways, nor only looked at."""
    above = equality.parent
    while isinstance(above, (exp.And, exp.Paren)):
        above = above.parent
    return isinstance(above, (exp.Where, exp.Join))


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


def _held(comparisons: Iterator[tuple[Node, Node]], keys: set[Node], *, others: bool = False) -> set[Node]:
    """The keys that lead to what is given, or, if `others`, to one another."""
    neighbours: dict[Node, set[Node]] = {}
    for one, other in comparisons:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    return {key for key in keys if _reaches(key, {GIVEN} | (keys - {key} if others else set()), neighbours)}


def _reaches(start: Node, goals: set[Node], neighbours: dict[Node, set[Node]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for node in neighbours.get(waiting.pop(), set()) - seen:
            if node in goals:
                return True
            seen.add(node)
            waiting.append(node)
    return False
