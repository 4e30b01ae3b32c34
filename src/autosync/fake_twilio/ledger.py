"""The texts that the stand-in has taken, in Twilio's own form: its Message resource, and the pages of its list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode
from uuid import uuid4

API = "2010-04-01"


@dataclass(slots=True)
class Message:
    """One text, out or in. `date_sent` is missing until it has left, as Twilio's is."""

    account_sid: str
    to: str
    body: str
    from_: str | None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    validity_period: int | None = None
    direction: str = "outbound-api"
    status: str = "queued"
    error_code: int | None = None
    error_message: str | None = None
    date_sent: datetime | None = None
    date_created: datetime = field(default_factory=lambda: datetime.now(UTC))
    date_updated: datetime = field(default_factory=lambda: datetime.now(UTC))
    sid: str = field(default_factory=lambda: f"SM{uuid4().hex}")

    @property
    def uri(self) -> str:
        """Its path at Twilio."""
        return f"/{API}/Accounts/{self.account_sid}/Messages/{self.sid}.json"

    def advance(self, status: str, error: tuple[int, str] | None = None) -> None:
        """Takes on a new status, now."""
        self.status = status
        self.date_updated = datetime.now(UTC)
        if error is not None:
            self.error_code, self.error_message = error
        if status == "sent":
            self.date_sent = self.date_updated

    def resource(self) -> dict[str, object]:
        """The Message resource as Twilio's API gives it."""
        media = self.uri.removesuffix(".json") + "/Media.json"
        return {
            "account_sid": self.account_sid,
            "api_version": API,
            "body": self.body,
            "date_created": _rfc_2822(self.date_created),
            "date_sent": _rfc_2822(self.date_sent),
            "date_updated": _rfc_2822(self.date_updated),
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": self.error_message,
            "from": self.from_,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": "0",
            "num_segments": str(_segments(self.body)) if self.from_ else "0",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": media},
            "to": self.to,
            "uri": self.uri,
        }

    def entry(self) -> dict[str, object]:
        """What the stand-in's own ledger says of it."""
        return {
            "sid": self.sid,
            "time": self.date_created.isoformat(),
            "to": self.to,
            "from": self.from_,
            "body": self.body,
            "status": self.status,
            "error_code": self.error_code,
            "status_callback": self.status_callback,
            "validity_period": self.validity_period,
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; the days are inclusive, in GMT."""

    to: str | None = None
    from_: str | None = None
    sent_on: date | None = None
    sent_by: date | None = None
    sent_since: datetime | None = None

    def admits(self, message: Message) -> bool:
        """Whether the text belongs into the list; one that has not left yet has no day."""
        if (self.to and message.to != self.to) or (self.from_ and message.from_ != self.from_):
            return False
        if not (self.sent_on or self.sent_by or self.sent_since):
            return True
        if message.date_sent is None:
            return False
        day = message.date_sent.date()
        return (
            (self.sent_on is None or day == self.sent_on)
            and (self.sent_by is None or day <= self.sent_by)
            and (self.sent_since is None or message.date_sent >= self.sent_since)
        )


class Ledger:
    """Every text that was taken, in the order of taking."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._by_number: dict[str, list[Message]] = {}
        self.refused: list[dict[str, object]] = []

    def add(self, message: Message) -> None:
        """Takes a text."""
        self._messages[message.sid] = message
        self._by_number.setdefault(message.to, []).append(message)

    def refuse(self, to: str, body: str, error_code: int) -> None:
        """Keeps that a text was refused for good."""
        time = datetime.now(UTC).isoformat()
        self.refused.append({"time": time, "to": to, "body": body, "error_code": error_code})

    def get(self, sid: str) -> Message | None:
        """The text of this id."""
        return self._messages.get(sid)

    def outbound(self) -> list[Message]:
        """What was taken for sending."""
        return [message for message in self._messages.values() if message.direction != "inbound"]

    def page(self, account_sid: str, wanted: Filter, query: dict[str, str]) -> dict[str, object]:
        """One page of the list, newest first. `query`: as it came, to be handed on to the next page.

        PageToken names the last text of the page before, so that texts taken meanwhile shift nothing.
        """
        size = min(max(int(query.get("PageSize") or 50), 1), 1000)
        number = int(query.get("Page") or 0)
        among = self._by_number.get(wanted.to, []) if wanted.to else list(self._messages.values())
        found = [message for message in reversed(among) if wanted.admits(message)]
        sids = [message.sid for message in found]
        last = query.get("PageToken", "").removeprefix("PA")
        start = sids.index(last) + 1 if last in sids else 0
        shown = found[start : start + size]
        more = start + size < len(found)
        uri = f"/{API}/Accounts/{account_sid}/Messages.json"
        plain = {name: value for name, value in query.items() if name not in ("Page", "PageToken", "PageSize")}

        def link(page: int, token: str | None = None) -> str:
            paging = {"PageSize": str(size), "Page": str(page)} | ({"PageToken": f"PA{token}"} if token else {})
            return f"{uri}?{urlencode({**plain, **paging})}"

        return {
            "end": start + len(shown) - 1 if shown else 0,
            "first_page_uri": link(0),
            "messages": [message.resource() for message in shown],
            "next_page_uri": link(number + 1, shown[-1].sid) if more else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": link(number - 1) if number else None,
            "start": start,
            "uri": link(number, last or None),
        }


def read_filter(query: dict[str, str]) -> Filter:
    """The filter in a list's query. Raises ValueError for a day that is none."""
    on, by, since = (query.get(name) for name in ("DateSent", "DateSent<", "DateSent>"))
    return Filter(
        to=query.get("To"),
        from_=query.get("From"),
        sent_on=_moment(on).date() if on else None,
        sent_by=_moment(by).date() if by else None,
        sent_since=_moment(since) if since else None,
    )


def _moment(text: str) -> datetime:
    if len(text) == len("2026-01-31"):
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    return datetime.fromisoformat(text).astimezone(UTC)


def _rfc_2822(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment - timedelta(microseconds=moment.microsecond))


def _segments(body: str) -> int:
    """How many segments it is billed as, near enough: exact for ASCII without brackets."""
    alone, joined = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= alone else -(-len(body) // joined)
