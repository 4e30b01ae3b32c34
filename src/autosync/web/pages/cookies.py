"""The session cookie: a random token that the page's scripts cannot read and other sites' forms do not carry.

Over https it is `__Host-autosync`, which only this host can have set. Plain http is for one's own machine; anywhere
else the cookie is Secure all the same, and a browser on plain http does not keep it.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request, Response

_LOOPBACK = ("localhost", "127.0.0.1", "::1", "[::1]")


def read_session(request: Request, role: str) -> str | None:
    """The token of the visitor's session, if they have one. `role`: organizer or operator."""
    return request.cookies.get(_name(request, role))


def keep_session(request: Request, response: Response, role: str, token: str, lives: timedelta) -> None:
    """Gives the visitor this session, instead of any that they had."""
    response.set_cookie(
        _name(request, role),
        token,
        max_age=int(lives.total_seconds()),
        path="/",
        secure=not _is_on_this_machine(request),
        httponly=True,
        samesite="lax",
    )


def forget_session(request: Request, response: Response, role: str) -> None:
    """Takes the session away."""
    keep_session(request, response, role, "", timedelta())


def _name(request: Request, role: str) -> str:
    name = "autosync" if role == "organizer" else f"autosync-{role}"
    return name if _is_on_this_machine(request) else f"__Host-{name}"


def _is_on_this_machine(request: Request) -> bool:
    return request.url.scheme == "http" and request.url.hostname in _LOOPBACK
