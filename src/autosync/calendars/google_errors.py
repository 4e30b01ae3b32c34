"""What can go wrong between us and Google, by what it means for whoever asked: try again, look it up, or give it up.

`from_answer(status, body, retry_after)` is the error that an answer stands for. Its sentence and its code hold only the
status and Google's own name for the reason: Google's messages quote addresses, which belong into no log.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

LONGEST_RETRY_AFTER = timedelta(hours=1)

_LIMITS = {
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
}
"""Reasons of a 403 that speak of how often was asked, not of what."""


class GoogleError(Exception):
    """Google did not do what was asked. `code`: for records, such as "403 rateLimitExceeded"; never a secret."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class Unsure(GoogleError):
    """Google may have done it, and no usable answer came back: time-out, a cut connection, 5xx."""


class Throttled(GoogleError):
    """Google did nothing, and may do it later: too many requests, or none of it got there.

    `retry_after`: how long Google wants to be left alone, if it said so.
    """

    def __init__(self, sentence: str, code: str, retry_after: timedelta | None = None) -> None:
        super().__init__(sentence, code)
        self.retry_after = retry_after


class Unauthorized(GoogleError):
    """401: the access token is over, or was withdrawn. Google did nothing."""


class Revoked(GoogleError):
    """invalid_grant: the refresh token, or the code, is good for nothing any more."""


class Conflict(GoogleError):
    """409: there is such an id already."""


class Changed(GoogleError):
    """412: what was to be changed is not what was read. Google did nothing."""


class Gone(GoogleError):
    """404 or 410: it is not there, or not any more."""


class Rejected(GoogleError):
    """Google will never do this as it was asked."""


class NotSetUp(Rejected):
    """Google refuses this program as it is set up, whoever asks: a wrong id or secret, an interface not enabled."""


class TooLittleAllowed(Rejected):
    """What the token was given for does not cover this. Google did nothing."""


def not_reached(kind: str) -> Throttled:
    """No byte of the request got there; `kind`: what it was, such as the name of an exception."""
    return Throttled(f"Google could not be reached ({kind}).", "not reached")


def timed_out() -> Unsure:
    """No answer in time."""
    return Unsure("Google did not answer in time.", "time-out")


def cut_off(kind: str) -> Unsure:
    """The connection broke after the request had left, or while it did."""
    return Unsure(f"The connection to Google broke off ({kind}).", "cut off")


def unreadable(status: int) -> Unsure:
    """An answer that says neither yes nor no in Google's own way."""
    return Unsure(f"Google's answer ({status}) could not be read.", f"{status} unreadable")


def from_answer(status: int, body: bytes, retry_after: str | None) -> GoogleError:
    """What an answer that is not 2xx stands for; `retry_after`: the header of this name."""
    reason = _reason(body)
    code = f"{status} {reason}" if reason else str(status)
    if status == 429 or (status == 403 and reason in _LIMITS):
        return Throttled(f"Google is throttling us ({code}).", code, _seconds(retry_after))
    if status >= 500 or status == 408:
        return Unsure(f"Google answered {code}.", code)
    if reason is None or status < 400:
        # A proxy on the way, or a redirect: of what Google did, nothing is certain.
        return unreadable(status)
    if reason == "invalid_grant" or (status == 400 and reason == "unauthorized_client"):
        # The second: a token that another client was given.
        return Revoked(f"Google does not let us in any more ({code}).", code)
    if _is_about_us(status, reason):
        return NotSetUp(f"Google refuses this service as it is set up ({code}).", code)
    if status == 403 and reason in _TOO_LITTLE:
        return TooLittleAllowed(f"Google was not told to let us do this ({code}).", code)
    for kind, statuses, sentence in _MEANINGS:
        if status in statuses:
            return kind(f"{sentence} ({code}).", code)
    return Rejected(f"Google refuses this ({code}).", code)


_MEANINGS: tuple[tuple[type[GoogleError], tuple[int, ...], str], ...] = (
    (Unauthorized, (401,), "Google does not accept the access token"),
    (Conflict, (409,), "Google has this id already"),
    (Changed, (412,), "It was changed at Google meanwhile"),
    (Gone, (404, 410), "Google does not have this, or not any more"),
)


_TOO_LITTLE = {"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"}


def _is_about_us(status: int, reason: str) -> bool:
    """Whether Google refuses this program (its id, secret, project), not a person's token: it answers 401 for both."""
    if reason in ("invalid_client", "unauthorized_client", "deleted_client", "disabled_client"):
        return True
    return status == 403 and reason in ("accessNotConfigured", "SERVICE_DISABLED")


def _reason(body: bytes) -> str | None:
    """Google's own name for what is wrong; None where the answer is none of Google's errors."""
    try:
        answer = json.loads(body)
        found = _named(answer.get("error")) if isinstance(answer, dict) else None
    except (ValueError, RecursionError):
        return None
    return found if found and re.fullmatch(r"[A-Za-z][A-Za-z_]{0,59}", found) else None


def _named(error: Any) -> str | None:
    """The name in either form: of the token endpoint, and of the calendar's."""
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return None
    listed = error.get("errors")
    first = listed[0] if isinstance(listed, list) and listed else None
    name = first.get("reason") if isinstance(first, dict) else None
    if isinstance(name, str):
        return name
    details = error.get("details")
    reasons = (
        [_text(one.get("reason")) for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    )
    return next(filter(None, reasons), None) or _text(error.get("status"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(retry_after: str | None) -> timedelta | None:
    """The header where it gives seconds; not more than an hour, whatever it says."""
    written = (retry_after or "").strip()
    if not (written.isascii() and written.isdigit()):
        return None
    return min(timedelta(seconds=int(written[:9])), LONGEST_RETRY_AFTER)
