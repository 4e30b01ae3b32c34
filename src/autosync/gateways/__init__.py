"""What carries a text to a phone.

A gateway fills the small port below: `send` once, and `find` when nobody knows whether a text has left. It raises
nothing; whatever happens is one of the results. A new provider is one module here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text on its way: our message id, the recipient's E.164 number, the words, and when this attempt began.

    `valid_for`: how long from now the text is worth delivering; None: the gateway's default. For a look-up only: `age`,
    how long ago `claimed_at` was by the clock that gave it, and `known_ids`, the gateway's ids of the texts to this
    number that are accounted for, so that none of them is taken for this one; `other_bodies`: the words of those that
    are not, so that what has them is not taken for this one in other words. `made_anew`: the text may have left under
    another id of ours, before the database was put back, and with another link, or in words that are deleted since.
    """

    message_id: UUID
    to: str
    body: str
    claimed_at: datetime
    valid_for: timedelta | None = None
    age: timedelta = timedelta()
    known_ids: frozenset[str] = frozenset()
    other_bodies: frozenset[str] = frozenset()
    made_anew: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The gateway has taken the text, under its own id."""

    gateway_message_id: str


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """The gateway clearly did nothing (throttled, refused connection): safe to try again, after `retry_after`."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway will never take this text (bad number, opted out), with its code.

    `opted_out`: the recipient told the carrier to stop.
    """

    code: str
    reason: str
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The text may or may not have left (time-out, server error): to be looked up, never blindly sent again."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotThere:
    """The gateway is sure that it never took the text: safe to send."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The gateway does not know whether it took the text."""

    reason: str


@dataclass(frozen=True, slots=True)
class CameIn:
    """A text that the gateway has received from somebody; `at`: when, by the gateway's clock (aware)."""

    gateway_message_id: str
    phone_number: str
    body: str
    at: datetime


SendResult = Accepted | NotProcessed | Refused | Ambiguous
FindResult = Accepted | NotThere | CannotTell


class Gateway(Protocol):
    """The port. `name` is kept with each text, so that a later look-up goes to the gateway that sent it."""

    @property
    def name(self) -> str:
        """A short constant, such as `twilio`."""

    async def send(self, text: OutgoingText) -> SendResult:
        """Hands one text over, within `SEND_TIMEOUT`; raises nothing."""

    async def find(self, text: OutgoingText) -> FindResult:
        """Whether the gateway has taken this text before; raises nothing."""

    async def came_in(self, since: datetime) -> Sequence[CameIn]:
        """What people have texted to us since then (aware), the oldest first. Raises Refused if it cannot say now."""

    async def close(self) -> None:
        """Lets go of connections, if it holds any; the last call that it gets."""


SEND_TIMEOUT = timedelta(seconds=15)
"""A gateway answers within this time, or gives Ambiguous."""
