"""Cookies that the page's scripts cannot read and other sites' forms do not carry: the session, and short-lived notes.

Over https they are `__Host-autosync…`, which only this host can have set. Plain http is for one's own machine; anywhere
else they are Secure all the same, and a browser on plain http does not keep them.
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
    _keep(request, response, _name(request, role), token, lives)


def forget_session(request: Request, response: Response, role: str) -> None:
    """Takes the session away."""
    keep_session(request, response, role, "", timedelta())


def read_note(request: Request, what: str) -> str | None:
    """What the visitor's browser was given to bring back, if it still has it. `what`: such as consent."""
    return request.cookies.get(_name(request, what))


def keep_note(request: Request, response: Response, what: str, note: str, lives: timedelta) -> None:
    """Gives it to the browser. It is for the caller to seal it, and to know whose it is."""
    _keep(request, response, _name(request, what), note, lives)


def forget_note(request: Request, response: Response, what: str) -> None:
    """Takes it away."""
    keep_note(request, response, what, "", timedelta())


def _keep(request: Request, response: Response, name: str, value: str, lives: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lives.total_seconds()),
        path="/",
        secure=not _is_on_this_machine(request),
        httponly=True,
        samesite="lax",
    )


def _name(request: Request, role: str) -> str:
    name = "autosync" if role == "organizer" else f"autosync-{role}"
    return name if _is_on_this_machine(request) else f"__Host-{name}"


def _is_on_this_machine(request: Request) -> bool:
    return request.url.scheme == "http" and request.url.hostname in _LOOPBACK
