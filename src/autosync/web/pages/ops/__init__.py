"""`/ops`: what operators see, and what they can repair. They sign in with the operator key; nobody else gets in."""

from __future__ import annotations

from fastapi import FastAPI

from autosync.web.pages.ops.board import live_router as live
from autosync.web.pages.ops.board import router as board
from autosync.web.pages.ops.find import router as find
from autosync.web.pages.ops.jobs import router as jobs
from autosync.web.pages.ops.sign_in import router as sign_in
from autosync.web.pages.ops.texts import router as texts


def add_operators_pages(app: FastAPI) -> None:
    """Adds them; needs `api`, `sign_in` and `watcher` on the app's state. Without an operator key each answers 404."""
    for router in (sign_in, board, live, jobs, texts, find):
        app.include_router(router)
