"""Where to go after signing in: only ever to a page of our own."""

from __future__ import annotations

import re
from urllib.parse import quote

from fastapi import Request

_OWN = re.compile(r"/(?![/\\])[\w./?&=%~+:-]*", re.ASCII)


def own_path(path: str | None) -> str:
    """The path, if it is one of this host; else the first page."""
    return path if path and len(path) <= 500 and _OWN.fullmatch(path) else "/"


def sign_in_first(request: Request) -> str:
    """The sign-in page, which leads back to what was asked for, if that can be asked for again."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = own_path(path if request.method == "GET" else "/")
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"
