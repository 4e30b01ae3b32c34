"""What nobody foresaw: people get a page, programs a problem document, and the log the error."""

from __future__ import annotations

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from psycopg_pool import PoolTimeout
from structlog.testing import capture_logs

from autosync.model import Refused
from autosync.web.errors import add_handlers
from autosync.web.pages.layout import PageRoute


def app_that_raises(error: Exception) -> FastAPI:
    """An application whose page and whose API raise this."""
    app = FastAPI()
    add_handlers(app)
    pages = APIRouter(route_class=PageRoute)

    @pages.get("/page")
    async def page() -> None:
        raise error

    @app.get("/api/thing")
    async def thing() -> None:
        raise error

    app.include_router(pages)
    return app


async def answer(error: Exception, path: str) -> httpx.Response:
    """What is answered at this path where `error` is raised."""
    transport = httpx.ASGITransport(app=app_that_raises(error), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path)


async def test_a_person_gets_a_page_with_one_sentence_and_nothing_of_the_error() -> None:
    with capture_logs() as logged:
        shown = await answer(RuntimeError("+12125550111 of Ann"), "/page")
    assert shown.status_code == 500
    assert "<h1>That did not work</h1>" in shown.text
    assert "try again in a minute" in shown.text
    assert "Ann" not in shown.text
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert [entry["event"] for entry in logged] == ["page_failed"]


async def test_a_program_gets_a_problem_document_and_nothing_of_the_error() -> None:
    refused = await answer(RuntimeError("+12125550111 of Ann"), "/api/thing")
    assert refused.status_code == 500
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "Something went wrong here; the log says what."


async def test_no_connection_to_be_had_is_a_page_that_says_to_wait() -> None:
    shown = await answer(PoolTimeout("none within 10 s"), "/page")
    assert shown.status_code == 503
    assert "We cannot reach our records right now" in shown.text


@pytest.mark.parametrize("path", ["/page", "/api/thing"])
async def test_what_is_refused_keeps_its_own_sentence(path: str) -> None:
    refused = await answer(Refused("The sync was stopped already, which is final."), path)
    assert refused.status_code == 409
    assert "The sync was stopped already" in refused.text
