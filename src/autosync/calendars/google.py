"""Google's calendar, as far as we ask for it: consent, when somebody is busy, and the events that are our own.

Every method asks once, in ten seconds at most, and raises one of `google_errors`. Nothing is kept here but connections:
whose tokens these are, and when they are over, is `calendar_connections`. OAuth's requests are built by Authlib.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7009 import prepare_revoke_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr

from autosync.calendars.events import OPTION_KEY, SEQUENCE_KEY
from autosync.calendars.google_errors import Rejected, unreadable
from autosync.calendars.google_http import TIMEOUT, GoogleHttp
from autosync.windows import Window, merged

SCOPES = (
    "https://www.googleapis.com/auth/calendar.freebusy",
    "https://www.googleapis.com/auth/calendar.events.owned",
)
"""The least that does: when somebody is busy, and events in calendars that are their own."""

LONGEST_LOOK = timedelta(days=60)
"""How much time one request for free and busy times covers: Google refuses much more with `timeRangeTooLong`."""

_CONSENT, _TOKENS, _CALENDAR = (
    "https://accounts.google.com",
    "https://oauth2.googleapis.com",
    "https://www.googleapis.com",
)

_LONGEST_CALENDAR_ID = 1024

_TELL_EVERYBODY = {"sendUpdates": "all"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What Google gave. `lasts`: how long the access token does; `scope`: what was allowed, blanks between."""

    access_token: SecretStr
    refresh_token: SecretStr | None
    lasts: timedelta
    scope: str | None


@dataclass(frozen=True, slots=True)
class FreeBusy:
    """When somebody is busy, merged over their calendars, in order; and why some of them could not be read, by id."""

    busy: tuple[Window, ...]
    unreadable: dict[str, str]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it is at Google. `status`: confirmed, tentative or cancelled; `sequence`: ours, if we wrote one.

    `attendees`: as Google has them, with what they have answered. `option`: which one it tells, as we wrote it.
    `calendar_id`: the address of the calendar in which it stands, where that is the asker's own.
    """

    id: str
    etag: str
    status: str
    sequence: int | None
    attendees: tuple[Mapping[str, Any], ...] = ()
    option: str | None = None
    calendar_id: str | None = None


class GoogleCalendar:
    """Google, by its REST API; opens connections with the first request."""

    def __init__(
        self, *, client_id: str, client_secret: SecretStr, base_url: str | None = None, timeout: timedelta = TIMEOUT
    ) -> None:
        """`base_url`: one address that stands in for all of Google's, without a slash at the end."""
        self._client_id = client_id
        self._client_secret = client_secret
        self._consent, self._tokens, self._calendar = [base_url or host for host in (_CONSENT, _TOKENS, _CALENDAR)]
        self._http = GoogleHttp(timeout=timeout)

    @property
    def consent_origin(self) -> str:
        """Scheme and host of where people are asked."""
        parts = urlsplit(self._consent)
        return f"{parts.scheme}://{parts.netloc}"

    def consent_address(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Where a person allows it; `verifier`: 43 to 128 characters (RFC 7636), to be kept for `exchange`."""
        address: str = prepare_grant_uri(
            f"{self._consent}/o/oauth2/v2/auth",
            self._client_id,
            "code",
            redirect_uri=redirect_uri,
            scope=list(SCOPES),
            state=state,
            access_type="offline",
            prompt="consent",  # Without it Google gives a refresh token only the first time.
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Grant:
        """What a person allowed, for the code that their browser brought. Raises GoogleError."""
        return await self._token("authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)

    async def refresh(self, refresh_token: SecretStr) -> Grant:
        """A fresh access token. Raises Revoked where there will never be one again, and GoogleError."""
        return await self._token("refresh_token", refresh_token=refresh_token.get_secret_value())

    async def _token(self, grant_type: str, **fields: str) -> Grant:
        form: str = prepare_token_request(
            grant_type,
            **fields,
            client_id=self._client_id,
            client_secret=self._client_secret.get_secret_value(),
        )
        return _grant(await self._http.send("POST", f"{self._tokens}/token", form=form))

    async def revoke(self, token: SecretStr) -> None:
        """Withdraws all that was allowed with this token, of either kind; one that is dead already is fine.

        Raises GoogleError.
        """
        form, _ = prepare_revoke_token_request(token.get_secret_value())
        try:
            await self._http.send("POST", f"{self._tokens}/revoke", form=form)
        except Rejected as error:
            if error.code != "400 invalid_token":
                raise

    async def busy(
        self, access_token: SecretStr, calendar_ids: Sequence[str], *, begins: datetime, ends: datetime
    ) -> FreeBusy:
        """When these calendars are busy between two moments (aware). Raises GoogleError."""
        windows: list[Window] = []
        unreadable_ids: dict[str, str] = {}
        while begins < ends:
            until = min(ends, begins + LONGEST_LOOK)
            answer = await self._http.send(
                "POST",
                f"{self._calendar}/calendar/v3/freeBusy",
                token=access_token,
                content={
                    "timeMin": begins.isoformat(),
                    "timeMax": until.isoformat(),
                    "items": [{"id": calendar_id} for calendar_id in calendar_ids],
                },
            )
            for calendar_id in calendar_ids:
                found, problem = _busy_times(answer, calendar_id)
                windows += found
                if problem is not None:
                    unreadable_ids.setdefault(calendar_id, problem)
            begins = until
        return FreeBusy(merged(windows), unreadable_ids)

    async def insert_event(self, access_token: SecretStr, calendar_id: str, event: Mapping[str, Any]) -> Event:
        """Makes an event and tells its attendees. Raises Conflict where its id is taken, and GoogleError."""
        return _event(
            await self._http.send(
                "POST", self._events(calendar_id), token=access_token, params=_TELL_EVERYBODY, content=event
            )
        )

    async def get_event(self, access_token: SecretStr, calendar_id: str, event_id: str) -> Event:
        """The event as it is now; deleted ones may still be there as cancelled. Raises Gone and GoogleError."""
        return _event(await self._http.send("GET", self._event(calendar_id, event_id), token=access_token))

    async def patch_event(
        self, access_token: SecretStr, calendar_id: str, event_id: str, changes: Mapping[str, Any], *, etag: str
    ) -> Event:
        """Changes some of the event and tells its attendees. Raises Changed if it is not that of `etag` any more."""
        return _event(
            await self._http.send(
                "PATCH",
                self._event(calendar_id, event_id),
                token=access_token,
                params=_TELL_EVERYBODY,
                content=changes,
                if_match=etag,
            )
        )

    async def delete_event(self, access_token: SecretStr, calendar_id: str, event_id: str) -> None:
        """Removes the event and tells its attendees. Raises Gone where it is not there any more, and GoogleError."""
        address = self._event(calendar_id, event_id)
        await self._http.send("DELETE", address, token=access_token, params=_TELL_EVERYBODY)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()

    def _events(self, calendar_id: str) -> str:
        return f"{self._calendar}/calendar/v3/calendars/{quote(calendar_id, safe='')}/events"

    def _event(self, calendar_id: str, event_id: str) -> str:
        return f"{self._events(calendar_id)}/{quote(event_id, safe='')}"


def _grant(answer: Mapping[str, Any]) -> Grant:
    access_token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
    lasts, scope = answer.get("expires_in"), answer.get("scope")
    if not isinstance(access_token, str) or not access_token:
        raise unreadable(200)
    return Grant(
        SecretStr(access_token),
        SecretStr(refresh_token) if isinstance(refresh_token, str) and refresh_token else None,
        timedelta(seconds=min(max(int(lasts), 0), 86_400)) if isinstance(lasts, int | float) else timedelta(hours=1),
        scope if isinstance(scope, str) else None,
    )


def _event(answer: Mapping[str, Any]) -> Event:
    event_id, etag = answer.get("id"), answer.get("etag")
    if not isinstance(event_id, str) or not isinstance(etag, str):
        raise unreadable(200)
    properties = answer.get("extendedProperties")
    private = properties.get("private") if isinstance(properties, dict) else None
    ours = private if isinstance(private, dict) else {}
    written, option = ours.get(SEQUENCE_KEY), ours.get(OPTION_KEY)
    sequence = int(written) if isinstance(written, str) and written.isascii() and written.isdigit() else None
    listed = answer.get("attendees")
    attendees = tuple(each for each in listed if isinstance(each, dict)) if isinstance(listed, list) else ()
    return Event(
        event_id,
        etag,
        str(answer.get("status") or "confirmed"),
        sequence,
        attendees,
        option if isinstance(option, str) else None,
        _own_calendar(answer.get("organizer")),
    )


def _own_calendar(organizer: object) -> str | None:
    """Google calls the calendar in which an event stands its organizer; `self`: it is the one that was asked."""
    if not isinstance(organizer, dict) or organizer.get("self") is not True:
        return None
    address = organizer.get("email")
    return address if isinstance(address, str) and 0 < len(address) <= _LONGEST_CALENDAR_ID else None


def _busy_times(answer: Mapping[str, Any], calendar_id: str) -> tuple[list[Window], str | None]:
    """The busy times of one calendar; or what Google says is wrong with it."""
    calendars = answer.get("calendars")
    found = calendars.get(calendar_id) if isinstance(calendars, dict) else None
    if not isinstance(found, dict):
        return [], "notInTheAnswer"
    if errors := found.get("errors"):
        first = errors[0] if isinstance(errors, list) else None
        return [], str(first.get("reason") or "unknown") if isinstance(first, dict) else "unknown"
    try:
        times = [(_moment(busy["start"]), _moment(busy["end"])) for busy in found.get("busy") or ()]
    except (KeyError, TypeError, ValueError):
        # What cannot be read must never look like free time.
        raise unreadable(200) from None
    return [Window(begins, ends) for begins, ends in times if begins < ends], None


def _moment(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError("A moment without its offset.")
    return moment
