"""The schema as this release's migrations make it: `expected()`, read from `expected.json` beside this module.

`python -m autosync.doctor.snapshot` writes that file anew. Where production's own tables may differ from what the
migrations would have made, `is_productions` says so.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from functools import cache
from importlib.resources import files

from autosync.database import catalog
from autosync.database.catalog import Catalog

_PRODUCTION = frozenset(
    {"profiles", "contacts", "crews", "crew_members", "auto_syncs", "auto_sync_options", "auto_sync_responses"}
    | {"google_calendar_tokens"}
)
_PRODUCTION_MESSAGES = frozenset({"id", "auto_sync_id", "contact_id", "message_type", "sent_at", "is_resolved"})


def is_productions(table: str, columns: Collection[str] = ()) -> bool:
    """Whether these columns, or the table as such, stood in production before the project and are its owner's care."""
    if table == "auto_sync_messages":
        return _PRODUCTION_MESSAGES.issuperset(columns)
    return table in _PRODUCTION


@cache
def expected() -> Catalog:
    """The catalog that a database has after this release's migrations."""
    return catalog.from_rows(json.loads(files("autosync.doctor").joinpath("expected.json").read_text("utf-8")))
