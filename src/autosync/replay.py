"""Takes texts that came in while nobody answered the webhook: the gateway, which gives up soon, still lists them.

`await replay(...)` takes each that was never received, the oldest first, as the webhook would have. One is left out
whose sender has written something later that was received, or was asked something since: what they said last holds, and
to what else it would be an answer nobody can tell. A STOP is taken all the same, unless they said START later. What is
replied to an old text does not leave at night as if it had just come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from autosync import inbox, replies
from autosync.database import answers, clock, interventions, messages
from autosync.database.answers import ReceivedText
from autosync.database.pool import Connection
from autosync.departures import JUST_NOW
from autosync.gateways import CameIn, Gateway
from autosync.inbox import InboundText
from autosync.invitee_links import Links
from autosync.model import MOST_OPTIONS
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.replies import Kind

LEFT_OUT = "Left out: something that this person wrote later has been received."
ASKED_SINCE = "Left out: this person has been asked something since; ask them, or use `autosync answers receive`."

_CLOCKS_DIFFER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A text that had been missed, by its gateway's id, when it came in, and what became of it."""

    gateway_message_id: str
    at: datetime
    outcome: str


async def replay(
    connection: Connection, gateway: Gateway, *, since: datetime, region: str, links: Links | None, who: str
) -> list[Replayed]:
    """Everything that came in `since` then (aware) and was never received. Raises Refused where the gateway cannot say.

    Each is a transaction of its own; done again, it goes on where it was left.
    """
    missed, received = await _missed(connection, gateway, since)
    numbers = {text.phone_number: _e164(text.phone_number, region) for text in missed}
    # Before anything is taken: what is asked because of one of these texts does not keep the next from being taken.
    asked = await answers.load_last_asked(connection, {number for number, _ in numbers.values() if number})
    done: list[Replayed] = []
    for text in sorted(missed, key=lambda text: text.at):
        number, outcome = numbers[text.phone_number]
        if number is not None:
            later = [said.body for said in received if said.phone_number == number and said.at > text.at]
            said = InboundText(gateway.name, text.gateway_message_id, number, text.body)
            asked_since = number in asked and asked[number] > text.at
            outcome = _why_not(text.body, later, asked_since) or await _take(connection, said, region, links)
        done.append(Replayed(text.gateway_message_id, text.at, outcome))
    if done:
        await interventions.record(connection, "answers replay", [(None, None)], who=who, details=f"{len(done)} texts")
    return done


async def count_missed(connection: Connection, gateway: Gateway, *, since: datetime) -> int:
    """How many texts `replay` would look at; writes nothing. Raises Refused as it does."""
    missed, _ = await _missed(connection, gateway, since)
    return len(missed)


async def _missed(connection: Connection, gateway: Gateway, since: datetime) -> tuple[list[CameIn], list[ReceivedText]]:
    """What the gateway lists and nobody received, and what was received."""
    came_in = await gateway.came_in(since)
    received = await answers.list_inbound(connection, since=since - _CLOCKS_DIFFER)
    known = {(text.gateway, text.gateway_message_id) for text in received}
    return [text for text in came_in if (gateway.name, text.gateway_message_id) not in known], received


def _e164(written: str, region: str) -> tuple[str | None, str]:
    """The number, or None and why it is none."""
    try:
        return to_e164(written, default_region=region), ""
    except UntextableNumber as error:
        return None, str(error)


def _why_not(body: str, later: Sequence[str], asked_since: bool) -> str | None:
    if is_overtaken(body, later):
        return LEFT_OUT
    return ASKED_SINCE if asked_since and _kind(body) is not Kind.STOP else None


async def _take(connection: Connection, text: InboundText, region: str, links: Links | None) -> str:
    async with connection.transaction():
        began, _ = await clock.read(connection)
        outcome = await inbox.receive(connection, text, region=region, links=links)
        await messages.age_replies(connection, since=began, by=JUST_NOW)
    return outcome


def is_overtaken(body: str, later: Sequence[str]) -> bool:
    """Whether what somebody wrote does not count any more, seeing what they wrote `later`."""
    if _kind(body) is Kind.STOP:
        return any(_kind(said) is Kind.START for said in later)
    return bool(later)


def _kind(body: str) -> Kind:
    return replies.read_reply(body, option_count=MOST_OPTIONS).kind
