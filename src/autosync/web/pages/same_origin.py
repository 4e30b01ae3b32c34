"""Forms are only taken from our own pages: nobody else's page can send one in a visitor's name.

Browsers say where a request comes from, in Sec-Fetch-Site or else in Origin; neither can be forged by a page. The
session cookie is SameSite=Lax besides. A request that says neither comes from no browser of the last years: refused.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request

from autosync.web.errors import NotAllowedError

_SAFE = ("GET", "HEAD", "OPTIONS")
_REFUSAL = "This form was sent from somewhere else. Open our page, and send it from there."


def refuse_other_origins(request: Request) -> None:
    """Raises NotAllowedError (403) for a request that changes something and was not sent from a page of this host."""
    if request.method in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise NotAllowedError(403, _REFUSAL)
        return
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowedError(403, _REFUSAL)
