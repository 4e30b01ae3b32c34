"""Long lists as PostgreSQL writes arrays, for `%(ids)s::uuid[]` and the like.

psycopg writes them, too, one element at a time; a batch of jobs has twenty thousand. Give a cast with each.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID


def uuids(values: Iterable[UUID | None]) -> str:
    """An array of ids."""
    return f"{{{','.join(['NULL' if value is None else value.hex for value in values])}}}"


def words(values: Iterable[str]) -> str:
    """An array of texts that are our own constants: nothing in them needs quotes."""
    return f"{{{','.join(values)}}}"


def numbers(values: Iterable[int]) -> str:
    """An array of whole numbers."""
    return f"{{{','.join(map(str, values))}}}"


def texts(values: Iterable[str]) -> str:
    """An array of any texts."""
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    return '{"' + '","'.join(quoted) + '"}' if quoted else "{}"
