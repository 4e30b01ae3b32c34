"""The conditions of policies by what they mean: whether two say the same, which is stricter, what ties a row to people.

Pure. It reads what PostgreSQL deparses and forgets spelling: brackets, casts, aliases, the order of AND, OR and `=`.
It proves nothing about functions and sub-selects beyond that: what it cannot follow is UNSURE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from typing import TypeAlias

Tree: TypeAlias = "str | tuple[Tree, ...]"
"""A word, or a group; of a group the first may say what it is: and, or, not, =, call, exists."""

_Node: TypeAlias = "str | list[_Node]"

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'|(?P<cast>::[\w."]+(?:\ varying|\ precision|\ with(?:out)?\ time\ zone)?(?:\[\])?(?:\(\d+\))?)
    |(?:[\w$.]|"(?:[^"]|"")+")+|[(),\[\]]|(?:(?!::)[^\s\w(),'"\[\]])+""",
    re.VERBOSE,
)
_ALIAS = re.compile(r"\b(FROM|JOIN) \(*(\w+) (?!ON\b|WHERE\b|JOIN\b|LEFT\b|CROSS\b|RIGHT\b|FULL\b)(\w+)\b")
_KEYWORDS = frozenset(
    {"SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "EXISTS", "IN", "ANY", "ALL", "SOME", "AS", "ON", "JOIN", "ARRAY"}
    | {"CASE", "WHEN", "THEN", "ELSE", "END", "IS", "NULL"}
)
_ASKERS = frozenset({"auth.uid", "auth.jwt", "auth.email", "auth.role", "current_setting"})
_HARMLESS = frozenset({"COALESCE", "NULLIF", "lower", "upper", "now"})
_EVERY_ROLE = frozenset({"'authenticated'", "'anon'"})
_UNWRAPPED = re.compile(r"(?<!SELECT )(?<!SELECT \()\b(auth\.(?:uid|jwt|role|email)\(\))", re.IGNORECASE)


class Tie(IntEnum):
    """How a condition ties a row, or the request, to who is asking."""

    OPEN = 0
    UNSURE = 1
    TIED = 2


@cache
def tree(expression: str | None) -> Tree | None:
    """What an expression means, or None where there is none; two of the same meaning are equal."""
    if expression is None:
        return None
    text = " ".join(expression.split()).replace("public.", "")
    for _, table, alias in _ALIAS.findall(text):
        text = re.sub(rf"\b{alias}\.", f"{table}.", re.sub(rf"\b{table} {alias}\b", table, text))
    tokens = (match[0] for match in _TOKEN.finditer(text) if not match["cast"])
    return _meaning(_grouped(tokens))


def stricter(actual: Tree | None, wanted: Tree | None) -> bool:
    """Whether what fulfils `actual` surely fulfils `wanted`: it says the same, or the same and more besides."""
    if actual in (wanted, "false") or wanted is None:
        return True
    return actual is not None and set(_parts(wanted, "and")) <= set(_parts(actual, "and"))


def tie(condition: Tree | None) -> Tie:
    """How it ties; without any condition a policy lets nobody at anything."""
    if condition is None or condition == "false":
        return Tie.TIED
    if isinstance(condition, str):
        return Tie.OPEN
    match condition:
        case ("or", *parts):
            return min(tie(part) for part in parts)
        case ("and", *parts):
            return max(tie(part) for part in parts)
        case ("not", ("exists", _)) | ("not", ("call", *_)):
            return Tie.UNSURE
        case ("not", _):
            return Tie.OPEN
        case ("exists", inner):
            return _tie_of_select(inner)
        case ("=", left, right):
            return _tie_of_equals(left, right)
        case ("call", *_):
            return Tie.UNSURE
    return _tie_of_words(condition)


def asks_row_by_row(expression: str | None) -> bool:
    """Whether it calls auth.uid() and the like outside of a sub-select, and so once a row instead of once."""
    return expression is not None and _UNWRAPPED.search(" ".join(expression.split())) is not None


def asked_once(expression: str) -> str:
    """The same with every such call in a sub-select."""
    return _UNWRAPPED.sub(r"( SELECT \1)", " ".join(expression.split()))


def tied_columns(condition: Tree | None) -> Iterator[str]:
    """The columns of the policy's own table that are compared with who is asking."""
    if condition is None or isinstance(condition, str):
        return
    match condition:
        case ("and" | "or", *parts):
            for part in parts:
                yield from tied_columns(part)
        case ("=", left, right):
            for asker, column in ((left, right), (right, left)):
                if _asks(asker) and isinstance(column, str) and column.isidentifier():
                    yield column


def _grouped(tokens: Iterator[str]) -> list[_Node]:
    group: list[_Node] = []
    for word in tokens:
        if word in "([":
            group.append(_grouped(tokens))
        elif word in ")]":
            break
        elif word != ",":
            group.append(word)
    return group


def _meaning(group: list[_Node]) -> Tree:
    if len(group) == 1:
        return group[0] if isinstance(group[0], str) else _meaning(group[0])
    if group and group[0] == "SELECT":
        return _meaning_of_select(group)
    for word in ("OR", "AND"):
        if word in group:
            name = word.lower()
            parts = {part for piece in _split(group, word) for part in _parts(_meaning(piece), name)}
            return next(iter(parts)) if len(parts) == 1 else (name, *sorted(parts, key=repr))
    if group and group[0] == "NOT":
        return ("not", _meaning(group[1:]))
    if "=" in group and not {"ANY", "ALL", "SOME", "CASE"} & {word for word in group if isinstance(word, str)}:
        sides = sorted((_meaning(side) for side in _split(group, "=")), key=repr)
        return ("=", *sides)
    return _meaning_of_words(group)


def _meaning_of_words(group: list[_Node]) -> Tree:
    words: list[Tree] = []
    for node in group:
        before = words[-1] if words else None
        if isinstance(node, str):
            words.append(node)
        elif before == "EXISTS":
            words[-1] = ("exists", _whatever_is_selected(_meaning(node)))
        elif before == "ARRAY":  # as in `= ANY (ARRAY[...])`, which is how IN comes out: its order means nothing
            words.append(("array", *sorted((_meaning([element]) for element in node), key=repr)))
        elif isinstance(before, str) and before not in _KEYWORDS and re.fullmatch(r'[\w$."]+', before):
            words[-1] = ("call", before, *(_meaning([argument]) for argument in node))
        else:
            words.append(_meaning(node))
    return words[0] if len(words) == 1 else tuple(words)


def _whatever_is_selected(select: Tree) -> Tree:
    """That there are rows does not depend on what is selected of them."""
    return ("select", "", *select[2:]) if isinstance(select, tuple) and select[0] == "select" else select


def _meaning_of_select(group: list[_Node]) -> Tree:
    if "FROM" not in group:
        return _meaning(group[1 : group.index("AS") if "AS" in group else None])
    start = group.index("FROM")
    end = group.index("WHERE") if "WHERE" in group else len(group)
    what, source = (_meaning(part) if part else "" for part in (group[1:start], group[start + 1 : end]))
    return ("select", what, source, _meaning(group[end + 1 :]) if end < len(group) else "true")


def _split(group: list[_Node], word: str) -> Iterator[list[_Node]]:
    piece: list[_Node] = []
    for node in group:
        if node == word:
            yield piece
            piece = []
        else:
            piece.append(node)
    yield piece


def _parts(condition: Tree, name: str) -> tuple[Tree, ...]:
    return condition[1:] if isinstance(condition, tuple) and condition[0] == name else (condition,)


def _walk(condition: Tree) -> Iterator[Tree]:
    yield condition
    if isinstance(condition, tuple):
        for part in condition:
            yield from _walk(part)


def _calls(condition: Tree) -> set[str]:
    return {str(part[1]) for part in _walk(condition) if isinstance(part, tuple) and part[:1] == ("call",)}


def _asks(condition: Tree) -> bool:
    return bool(_calls(condition) & _ASKERS)


def _asks_for_role(condition: Tree) -> bool:
    return "auth.role" in _calls(condition) or "'role'" in set(_walk(condition))


def _tie_of_select(select: Tree) -> Tie:
    if isinstance(select, tuple) and select[0] == "select":
        return max(tie(select[3]), _tie_of_joins(select[2]))
    return Tie.UNSURE


def _tie_of_joins(source: Tree) -> Tie:
    """An inner join's condition holds for every row that is found; an outer one's need not."""
    if not _asks(source):
        return _tie_of_calls(source)
    return Tie.UNSURE if {"LEFT", "RIGHT", "FULL"} & {*_walk(source)} else Tie.TIED


def _tie_of_equals(left: Tree, right: Tree) -> Tie:
    if left == right:
        return Tie.OPEN
    for asker, other in ((left, right), (right, left)):
        if _asks(asker):
            return Tie.OPEN if _asks_for_role(asker) and other in _EVERY_ROLE else Tie.TIED
    return _tie_of_calls((left, right))


def _tie_of_words(condition: tuple[Tree, ...]) -> Tie:
    if "IS" in condition or "<>" in condition:
        return Tie.OPEN
    if "IN" in condition or "ANY" in condition:
        selects = [part for part in condition if isinstance(part, tuple) and part[:1] == ("select",)]
        inner = max((_tie_of_select(select) for select in selects), default=Tie.OPEN)
        outer = tuple(part for part in condition if part not in selects)
        return Tie.TIED if _asks(outer) else max(inner, _tie_of_calls(outer))
    return _tie_of_calls(condition)


def _tie_of_calls(condition: Tree) -> Tie:
    """A function of somebody's own may ask, or not."""
    return Tie.UNSURE if _calls(condition) - _HARMLESS else Tie.OPEN
