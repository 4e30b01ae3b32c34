"""Where a list goes on, as it stands in an address."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from autosync.database.board import Place


def place_of(request: Request) -> Place | None:
    """The place behind which the list is to go on; None: from the first, also where the address makes no sense."""
    try:
        at = datetime.fromisoformat(request.query_params["at"])
        id_ = UUID(request.query_params["id"])
    except (KeyError, ValueError):
        return None
    return Place(at, id_) if at.tzinfo else None


def next_page(path: str, place: Place | None, **query: str) -> str | None:
    """The address of the page that begins behind this place; None: there is none."""
    if place is None:
        return None
    return f"{path}?{urlencode(query | {'at': place.at.isoformat(), 'id': str(place.id)})}"
