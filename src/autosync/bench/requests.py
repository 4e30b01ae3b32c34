"""Answers by text as Twilio posts them: signed forms, the words of a few kinds, every fourth unlike any other."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

PATH = "/webhooks/twilio/inbound"
AUTH_TOKEN = "not a secret: only the loopback hears it"  # noqa: S105
SENDER = "+12125550100"
AT_ONCE = 32
"""Answers that are under way at the same time."""

ANSWERS = ("1", "2 and 3", "none", "1,2", "All of them work", "Sorry, can't make any", "3 please", "option 2")


@dataclass(frozen=True, slots=True)
class Request:
    """A text that comes in, as Twilio posts it."""

    form: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]


def make_requests(address: str, numbers: Sequence[str], count: int, *, first: int = 0) -> list[Request]:
    """So many signed answers, number after number; `first`: what they say is counted from here."""
    run, signer = os.urandom(4).hex(), RequestValidator(AUTH_TOKEN)
    requests = []
    for place in range(count):
        form = {
            "MessageSid": f"SM{run}{place:024x}",
            "From": numbers[place % len(numbers)],
            "To": SENDER,
            "Body": _words(first + place),
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signer.compute_signature(address + PATH, form),
        }
        requests.append(Request(form, urlencode(form).encode(), headers))
    return requests


def _words(place: int) -> str:
    """An answer; every fourth one ends as no other does."""
    said = ANSWERS[place // 4 % len(ANSWERS)]
    greeting = "".join(chr(ord("a") + int(digit)) for digit in str(place))
    return said if place % 4 else f"{said}. Greetings, {greeting.capitalize()}"
