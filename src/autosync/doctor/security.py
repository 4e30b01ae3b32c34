"""Who may do what with the project's tables and functions, against this release's: policies and rights. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autosync.database.catalog import Catalog
from autosync.database.review import Role
from autosync.doctor import policies, rights
from autosync.doctor.findings import Finding, Level, ok, worst

AREA = "security"


def compare(actual: Catalog, expected: Catalog, roles: Mapping[str, Role]) -> Iterator[Finding]:
    """What is open that should not be, or shut that should not be."""
    found = [*policies.compare(actual, expected, roles), *rights.compare(actual, expected, roles)]
    yield from found
    if worst(found) in (Level.OK, Level.NOTE):
        yield ok(AREA, "People reach their own rows only, anonymous callers nothing, and no API role our functions.")
