"""The statement that looks through an organizer's address book, a page at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from autosync.database.people import Contact
from autosync.database.pool import Connection
from autosync.database.statements import statement

_FEWEST_DIGITS = 3
"""Of what is searched for, to look for it in numbers too."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """Some contacts by name. `next_after`: behind whom the next ones are; None: there are no more."""

    contacts: list[Contact]
    next_after: UUID | None


async def leaf_through(
    connection: Connection,
    organizer_id: UUID,
    *,
    search: str = "",
    crew_id: UUID | None = None,
    is_in: bool = True,
    after: UUID | None = None,
    limit: int,
) -> Leaf:
    """Up to `limit` contacts whose name, e-mail or number holds `search`, behind the contact `after`.

    `crew_id`: only those who are in this crew or, with `is_in` False, only those who are not.
    """
    digits = re.sub(r"[^0-9]", "", search)
    cursor = await connection.execute(
        statement("search_contacts"),
        {
            "organizer_id": organizer_id,
            "search": " ".join(search.split()),
            "digits": digits if len(digits) >= _FEWEST_DIGITS else "",
            "crew_id": crew_id,
            "is_in": is_in,
            "after": after,
            "limit": limit + 1,
        },
    )
    found = [Contact(*row) for row in await cursor.fetchall()]
    return Leaf(found[:limit], found[limit - 1].id if len(found) > limit else None)
