"""How a page is made: a template, the headers that keep it to itself, and what stands there when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import structlog
from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from autosync.database.pool import is_away
from autosync.web.errors import NotAllowedError
from autosync.web.limits import LimitedRoute

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

_templates = Environment(
    loader=PackageLoader("autosync.web.pages"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals["style"] = f"/static/style.css?{sha256((STATIC / 'style.css').read_bytes()).hexdigest()[:12]}"


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """This template, filled in; whatever stands in the values is text, never markup."""
    return HTMLResponse(_templates.get_template(template).render(values), status_code=status, headers=_HEADERS)


def file(content: bytes, *, media_type: str, name: str) -> Response:
    """A file to keep. `name`: one of ours, never one that somebody typed."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers={**_HEADERS, **disposition})


def sentence(title: str, text: str, *, status: int) -> Response:
    """A page with nothing but this to say."""
    return page("sentence.html", status=status, title=title, text=text)


class PageRoute(LimitedRoute):
    """A route that answers people: what is refused, or fails, is a page with one clear sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, whose errors are pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except NotAllowedError as refusal:
                return sentence("That did not work", str(refusal), status=refusal.status)
            except psycopg.Error as error:
                return _tell_of(error, self.name)

        return handle


def _tell_of(error: psycopg.Error, name: str) -> Response:
    """What a person reads where the database failed. `name`: the route's; the path stays unlogged, it holds a token."""
    if is_away(error):
        log.warning("database_away", page=name)
        text = "We cannot reach our records right now. Nothing was changed; please try again in a minute."
        return sentence("Back in a moment", text, status=503)
    log.error("page_failed", page=name, exc_info=error)
    text = "Something went wrong on our side, and nothing was changed. You can also answer by text."
    return sentence("That did not work", text, status=500)
