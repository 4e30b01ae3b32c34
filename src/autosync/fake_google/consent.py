"""The page that asks a person whether the program may, and what may be wrong with the way there.

Checked against developers.google.com/identity/protocols/oauth2/web-server. Stricter than Google, which only recommends
them: `state` and a code challenge by S256 must be there.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from autosync.fake_google.discovery import SCOPE_WORDS

_KNOWN = {
    "access_type", "client_id", "code_challenge", "code_challenge_method", "enable_granular_consent",
    "include_granted_scopes", "login_hint", "prompt", "redirect_uri", "response_type", "scope", "state",
}  # fmt: skip
_VALUES = {
    "access_type": {"online", "offline"},
    "enable_granular_consent": {"true", "false"},
    "include_granted_scopes": {"true", "false"},
    "code_challenge_method": {"S256"},
    "response_type": {"code"},
}
_PROMPTS = {"none", "consent", "select_account"}
_IDENTITY = {"openid", "email", "profile"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A well-formed question."""

    redirect_uri: str
    scopes: tuple[str, ...]
    state: str
    challenge: str
    offline: bool
    prompted: bool
    login_hint: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a person gets an error page instead: the status, Google's name of the error, and a sentence."""

    status: int
    error: str
    sentence: str


class Questions:
    """Those that are open, by a secret that the form carries."""

    def __init__(self) -> None:
        self._open: dict[str, Asked] = {}

    def add(self, asked: Asked) -> str:
        """Its secret."""
        secret = secrets.token_urlsafe(16)
        self._open[secret] = asked
        return secret

    def take(self, secret: str) -> Asked | None:
        """The question, once."""
        return self._open.pop(secret, None)


def read(query: Sequence[tuple[str, str]], *, client_id: str, redirect_uris: Collection[str] | None) -> Asked | Problem:
    """The question in an address, or the first thing that is wrong with it."""
    values = dict(query)
    if values.get("client_id") != client_id:
        return Problem(401, "invalid_client", "The OAuth client was not found.")
    redirect_uri = values.get("redirect_uri", "")
    if not _may_be_redirected_to(redirect_uri) or (redirect_uris is not None and redirect_uri not in redirect_uris):
        return Problem(400, "redirect_uri_mismatch", "The redirect URI is not one of those that the client has.")
    if problem := next(_faults(query, values), None):
        return problem
    return Asked(
        redirect_uri=redirect_uri,
        scopes=tuple(dict.fromkeys(values["scope"].split())),
        state=values["state"],
        challenge=values["code_challenge"],
        offline=values.get("access_type") == "offline",
        prompted="consent" in values.get("prompt", "").split(),
        login_hint=values.get("login_hint"),
    )


def _faults(query: Sequence[tuple[str, str]], values: dict[str, str]) -> Iterator[Problem]:
    def invalid(sentence: str) -> Problem:
        return Problem(400, "invalid_request", sentence)

    if len(query) > len(values):
        yield invalid("A parameter is there more than once.")
    for name in sorted(values.keys() - _KNOWN):
        yield invalid(f"There is no parameter {name}.")
    for name in ("response_type", "scope", "state", "code_challenge", "code_challenge_method"):
        if not values.get(name):
            yield invalid(f"The parameter {name} is missing.")
    for name, allowed in _VALUES.items():
        if name in values and values[name] not in allowed:
            yield invalid(f"The parameter {name} cannot be {values[name]!r}.")
    if not set(values.get("prompt", "consent").split()) <= _PROMPTS:
        yield invalid(f"The parameter prompt cannot be {values['prompt']!r}.")
    if not re.fullmatch("[A-Za-z0-9_-]{43}", values.get("code_challenge", "")):
        yield invalid("The code challenge is not one by S256.")
    if unknown := set(values.get("scope", "").split()) - SCOPE_WORDS.keys() - _IDENTITY:
        yield Problem(400, "invalid_scope", f"Some requested scopes were invalid: {', '.join(sorted(unknown))}.")


def _may_be_redirected_to(address: str) -> bool:
    parts = urlsplit(address)
    if not parts.hostname or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)


def address_back(asked: Asked, **answer: str) -> str:
    """Where the person's browser goes next."""
    parts = urlsplit(asked.redirect_uri)
    return parts._replace(query=urlencode([*parse_qsl(parts.query), *answer.items(), ("state", asked.state)])).geturl()


def page(asked: Asked, secret: str, people: Iterable[str], *, described: dict[str, str]) -> str:
    """The question in HTML: one form to allow, with the account and what is allowed; one to deny."""
    accounts = "".join(
        f'<option value="{escape(person)}"{" selected" if person == asked.login_hint else ""}>{escape(person)}</option>'
        for person in people
    )
    scopes = "".join(
        f'<li><label><input type="checkbox" name="scope" value="{escape(scope)}" checked> '
        f"{escape(described.get(scope, scope))}</label></li>"
        for scope in asked.scopes
    )
    hidden = f'<input type="hidden" name="question" value="{secret}">'
    return _PAGE.format(
        title="Auto Sync wants to use your calendar",
        body=f"""<p>This is a stand-in for Google, on this machine only. Nothing here reaches Google.</p>
<form method="post" id="allow">{hidden}<input type="hidden" name="decision" value="allow">
<p><label>Account <select name="account">{accounts}</select></label></p>
<ul>{scopes}</ul>
<button type="submit">Allow</button></form>
<form method="post" id="deny">{hidden}<input type="hidden" name="decision" value="deny">
<button type="submit">Deny</button></form>""",
    )


def error_page(problem: Problem) -> str:
    """What a person sees of a question that is not well-formed; Google does not send them back either."""
    return _PAGE.format(
        title="Access blocked",
        body=f"<p>Error {problem.status}: {escape(problem.error)}</p><p>{escape(problem.sentence)}</p>",
    )


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head><body><main><h1>{title}</h1>
{body}
</main></body></html>
"""
