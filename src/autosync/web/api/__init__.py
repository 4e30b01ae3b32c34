"""JSON for organizers, under `/api`: what the command line can do for them, for whoever is signed in.

What is read, and contacts and crews when they are written, pass row-level security as the person themselves. It holds
no rules: the verbs are `syncs.py` and `contacts.py` of the package.
"""

from __future__ import annotations

from fastapi import APIRouter

from autosync.web.api import calendar, contacts, crews, free_times, imports, me, sign_in_links, starting, syncs
from autosync.web.errors import problems


def create_router() -> APIRouter:
    """All of it; needs `callers` and `api` on the app's state."""
    router = APIRouter(prefix="/api", responses=problems(401, 403, 413, 422, 503))
    for noun in (me, sign_in_links, contacts, imports, crews, calendar, free_times, starting, syncs):
        router.include_router(noun.router)
    return router
