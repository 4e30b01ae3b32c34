"""The stand-in for Google under uvicorn, in a thread, on a port of its own; and a person who says yes or no."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from autosync.fake_google import create_app
from autosync.fake_google.grants import challenge_of
from stand_in import GOOGLES_SECRET, serving_app

CLIENT_ID = "a-client.apps.googleusercontent.com"
CLIENT_SECRET = GOOGLES_SECRET
YOU = "you@example.com"
FREE_BUSY_SCOPE = "https://www.googleapis.com/auth/calendar.freebusy"
EVENTS_SCOPE = "https://www.googleapis.com/auth/calendar.events.owned"
SCOPES = (FREE_BUSY_SCOPE, EVENTS_SCOPE)
REDIRECT_URI = "http://127.0.0.1:8000/calendars/google/back"


@dataclass(frozen=True)
class Tokens:
    """What the token endpoint gave."""

    access_token: str
    refresh_token: str | None
    scope: str
    lasts: int

    @property
    def headers(self) -> dict[str, str]:
        """To be sent with a call."""
        return {"Authorization": f"Bearer {self.access_token}"}


class GoogleStandIn:
    """A running stand-in, spoken to over HTTP only."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = httpx.Client(base_url=url, timeout=30)

    # Looking in

    def events(self) -> list[dict[str, Any]]:
        """The ledger: every event that was taken."""
        entries: list[dict[str, Any]] = self.http.get("/fake/ledger").json()["events"]
        return entries

    def requests(self) -> dict[str, Any]:
        """How often was asked what, by whom, the most at once, and what is in hand."""
        asked: dict[str, Any] = self.http.get("/fake/requests").json()
        return asked

    def asked(self, call: str) -> int:
        """How often one kind of call came."""
        return int(self.requests()["calls"][call])

    def violations(self) -> list[dict[str, str]]:
        """Every request that did not fit the interface."""
        found: list[dict[str, str]] = self.http.get("/fake/violations").json()["violations"]
        return found

    def grants(self) -> dict[str, list[str]]:
        """Who allows what."""
        living: dict[str, list[str]] = self.http.get("/fake/grants").json()
        return living

    def is_at_rest(self) -> bool:
        """Whether nothing that was asked is still being done; asked twice, for what was still on the wire."""
        return all(self.requests()["in_hand"] == 0 for _ in range(2))

    # Disturbing

    def misbehave(self, **plan: Any) -> None:
        """Replaces the plan of faults; nothing: none."""
        self.tell("misbehave", **plan)

    def plan(self, call: str, *faults: str) -> None:
        """What goes wrong with the next calls of this kind."""
        self.misbehave(calls={call: list(faults)}, slow_seconds=0.2, retry_after=7)

    def people(self, *emails: str, zone: str = "UTC", calendars: Sequence[str] = ()) -> None:
        """Who has an account; these calendars are everybody's own."""
        self.tell("people", people=[{"email": email, "zone": zone, "calendars": list(calendars)} for email in emails])

    def busy(self, *spans: tuple[datetime, datetime], person: str = YOU, calendar: str = "primary") -> None:
        """Something else is in this calendar."""
        busy = [{"start": begins.isoformat(), "end": ends.isoformat()} for begins, ends in spans]
        self.tell("busy", person=person, calendar=calendar, busy=busy)

    def revoke(self, person: str = YOU) -> None:
        """They end what they allowed, at Google's side."""
        self.tell("revoke", person=person)

    def expire(self, person: str | None = None) -> None:
        """Access tokens are over now."""
        self.tell("expire", person=person)

    def lasts(self, seconds: float) -> None:
        """How long access tokens are good from now on."""
        self.tell("lasts", seconds=seconds)

    def wait(self, seconds: float) -> None:
        """As if so much time had passed."""
        self.tell("wait", seconds=seconds)

    def forget(self) -> None:
        """All is as it was at first."""
        self.tell("forget")

    def delete_event(self, event_id: str) -> None:
        """The person deletes an event by hand."""
        self.tell("delete_event", id=event_id)

    def edit_event(self, event_id: str, **changes: Any) -> None:
        """The person changes an event by hand."""
        self.tell("edit_event", id=event_id, changes=changes)

    def tell(self, what: str, **body: Any) -> None:
        """Posts to `/fake/…`."""
        answer = self.http.post(f"/fake/{what}", json=body)
        assert answer.status_code == 204, answer.text

    # A person in front of a browser

    def allow(self, address: str, *, person: str = YOU, scopes: Collection[str] | None = None) -> str:
        """Opens the consent page and says yes; where the browser is sent. `scopes`: those left ticked."""
        page = self.page(address)
        ticked = [scope for scope in page.scopes if scopes is None or scope in scopes]
        return self._decide(page, decision="allow", account=person, scope=ticked)

    def deny(self, address: str) -> str:
        """Opens the consent page and says no; where the browser is sent."""
        return self._decide(self.page(address), decision="deny")

    def page(self, address: str) -> ConsentPage:
        """The consent page at this address."""
        answer = self.http.get(address)
        assert answer.status_code == 200, answer.text
        return ConsentPage(answer.text)

    def grant(self, person: str = YOU, *, scopes: Collection[str] = SCOPES) -> Tokens:
        """Tokens, by the whole way of consent and exchange."""
        verifier = secrets.token_urlsafe(48)
        back = self.allow(authorize_address(verifier=verifier, scopes=scopes), person=person)
        code = parse_qs(urlsplit(back).query)["code"][0]
        given = self.http.post("/token", data=exchange_fields(code, verifier)).json()
        return Tokens(given["access_token"], given.get("refresh_token"), given["scope"], given["expires_in"])

    def close(self) -> None:
        """Hangs up."""
        self.http.close()

    def _decide(self, page: ConsentPage, **fields: Any) -> str:
        answer = self.http.post("/o/oauth2/v2/auth", data={"question": page.question, **fields})
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])


@dataclass(frozen=True)
class ConsentPage:
    """What the page asks."""

    html: str

    @property
    def question(self) -> str:
        """The form's secret."""
        found = re.search('name="question" value="([^"]+)"', self.html)
        assert found, self.html
        return found[1]

    @property
    def accounts(self) -> list[str]:
        """Which can be chosen."""
        return [unescape(value) for value in re.findall('<option value="([^"]+)"', self.html)]

    @property
    def scopes(self) -> list[str]:
        """Which can be ticked."""
        return [unescape(value) for value in re.findall('name="scope" value="([^"]+)"', self.html)]


def authorize_address(*, verifier: str, scopes: Collection[str] = SCOPES, **others: str) -> str:
    """Where a program sends a person; `others`: parameters beside the usual ones, or instead of them."""
    return str(
        httpx.URL(
            "/o/oauth2/v2/auth",
            params={
                "client_id": CLIENT_ID,
                "redirect_uri": REDIRECT_URI,
                "response_type": "code",
                "scope": " ".join(scopes),
                "state": "a-state",
                "access_type": "offline",
                "prompt": "consent",
                "code_challenge": challenge_of(verifier),
                "code_challenge_method": "S256",
                **others,
            },
        )
    )


def exchange_fields(code: str, verifier: str, **others: str) -> dict[str, str]:
    """What is posted to the token endpoint."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": verifier,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        **others,
    }


@contextmanager
def google_stand_in(*, redirect_uris: Collection[str] | None = None, lasts: float = 3599) -> Iterator[GoogleStandIn]:
    """A fresh stand-in, with the account you@example.com."""
    app = create_app(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, redirect_uris=redirect_uris, lasts=lasts)
    with serving_app(app) as url:
        running = GoogleStandIn(url)
        yield running
        running.close()
