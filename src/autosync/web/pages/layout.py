"""How a page is made: a template, the headers that keep it to itself, and what stands there when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from autosync.database.as_person import CannotActAsPersonError
from autosync.database.pool import is_away
from autosync.model import Refused
from autosync.phone_numbers import UntextableNumber
from autosync.web.errors import NotAllowedError
from autosync.web.limits import LimitedRoute
from autosync.web.pages.zones import label

log = structlog.get_logger(__name__)

_OUR_FAULT = "Something went wrong on our side. Please try again in a minute; answering by text works all the same."

STATIC = Path(__file__).parent / "static"

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
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
_LIVE_HEADERS = {
    **_HEADERS,
    "Content-Security-Policy": f"{_POLICY}; script-src 'self'; connect-src 'self'",
    "Referrer-Policy": "same-origin",  # without it browsers send forms with the origin null
}


@cache
def asset(name: str) -> str:
    """The address of one of our static files, another one whenever its content is."""
    return f"/static/{name}?{sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


_templates.globals["asset"] = asset
_templates.filters["city"] = label


class ToOtherPage(Exception):
    """The visitor has to go to another page of ours first."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def page(template: str, *, status: int = 200, **values: object) -> Response:
    """This template, filled in; whatever stands in the values is text, never markup."""
    return HTMLResponse(rendered(template, **values), status_code=status, headers=_HEADERS)


def app_page(
    template: str, *, status: int = 200, live: str | None = None, forms_lead_to: str = "", **values: object
) -> Response:
    """A page for somebody who is signed in. `live`: the path of the events that keep it up to date, if it has any.

    `forms_lead_to`: the origin of another host to which the answer to a form may send the browser on.
    """
    headers = _LIVE_HEADERS
    if forms_lead_to:
        policy = headers["Content-Security-Policy"].replace("form-action 'self'", f"form-action 'self' {forms_lead_to}")
        headers = {**headers, "Content-Security-Policy": policy}
    return HTMLResponse(rendered(template, live=live, **values), status_code=status, headers=headers)


def rendered(template: str, **values: object) -> Markup:
    """A template as markup, for a fragment of a page."""
    return Markup(_templates.get_template(template).render(values))  # noqa: S704 - the template escapes


def file(content: bytes, *, media_type: str, name: str) -> Response:
    """A file to keep. `name`: one of ours, never one that somebody typed."""
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers={**_HEADERS, **disposition})


def sentence(title: str, text: str, *, status: int, to: str | None = None) -> Response:
    """A page with nothing but this to say. `to`: a path of ours where one can go on."""
    return page("sentence.html", status=status, title=title, text=text, to=to)


class PageRoute(LimitedRoute):
    """A route that answers people: what is refused, or fails, is a page with one clear sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, whose errors are pages."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except ToOtherPage as other:
                return RedirectResponse(other.path, status_code=303)
            except NotAllowedError as refusal:
                return sentence("That did not work", str(refusal), status=refusal.status)
            except RequestValidationError:
                return sentence("There is nothing here", "This address is none of ours.", status=404, to="/")
            except (psycopg.Error, PoolTimeout) as error:
                return _tell_of(error, self.name)
            except (Refused, UntextableNumber, HTTPException, CannotActAsPersonError):
                raise  # the application's own handlers know the words
            except Exception:  # whatever it was, a person gets a page, and the log has the error
                log.exception("page_failed", page=self.name)
                return sentence("That did not work", _OUR_FAULT, status=500)

        return handle


def _tell_of(error: psycopg.Error | PoolTimeout, name: str) -> Response:
    """What a person reads where the database failed. `name`: the route's; the path stays unlogged, it holds a token."""
    if is_away(error):
        log.warning("database_away", page=name)
        text = "We cannot reach our records right now. Nothing was changed; please try again in a minute."
        return sentence("Back in a moment", text, status=503)
    log.error("page_failed", page=name, exc_info=error)
    return sentence("That did not work", _OUR_FAULT, status=500)
