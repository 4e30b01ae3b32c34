"""Takes what people answer: by text (`receive`) or by any other way that knows who they are (`answer`).

Each is one transaction that holds the sync's row lock, so an answer and a stop, a pause or a reminder on the same sync
follow one another. A text that is delivered twice counts once. Nothing is sent from here: replies are queued.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import structlog

from autosync import organizer_inbox, replies, texts
from autosync.database import answers, messages, suppressions, syncs
from autosync.database.answers import Ask, Outcome
from autosync.database.pool import Connection, again_if_overtaken
from autosync.invitee_links import Links
from autosync.model import MOST_OPTIONS, MessageType, NewText, Refused, Sync, SyncStatus
from autosync.organizer_inbox import Received
from autosync.phone_numbers import to_e164
from autosync.replies import Kind, Reading
from autosync.traces import Happened, Traces

log = structlog.get_logger(__name__)

SEEN_BEFORE = "This text has been received before."


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text that came in: through which gateway, under which id of the gateway, from which number, the words."""

    gateway: str
    gateway_message_id: str
    phone_number: str
    body: str


async def receive(
    connection: Connection,
    text: InboundText,
    *,
    region: str,
    links: Links | None = None,
    traces: Traces | None = None,
) -> str:
    """Takes one text and returns, in one sentence, what became of it. `links`: what replies to invitees end with.

    Raises UntextableNumber where the sender's number is none.
    """
    began = time.time()
    inbound_id, outcome = await again_if_overtaken(lambda: _receive(connection, text, region, links))
    if traces is not None and inbound_id is not None and outcome.sync_id is not None:
        traces.tell(came_in(outcome.sync_id, inbound_id, began))
    return outcome.sentence


async def _receive(
    connection: Connection, text: InboundText, region: str, links: Links | None
) -> tuple[UUID | None, Outcome]:
    number = to_e164(text.phone_number, default_region=region)
    body = text.body.replace("\x00", "")  # the one character that PostgreSQL cannot keep
    async with connection.transaction():
        inbound_id = await answers.keep_inbound(
            connection,
            gateway=text.gateway,
            gateway_message_id=text.gateway_message_id,
            phone_number=number,
            body=body,
        )
        if inbound_id is None:
            return None, Outcome(SEEN_BEFORE)
        try:
            outcome = await _handle(connection, Received(inbound_id, number, body, links), region)
        except ValueError as error:  # another client's values, such as a time zone that is none: the text is kept
            outcome = Outcome(str(error))
        await answers.close_inbound(connection, inbound_id, outcome)
    sync_id = outcome.sync_id and str(outcome.sync_id)
    log.info("text_received", inbound_id=str(inbound_id), sync_id=sync_id, outcome=outcome.sentence)
    return inbound_id, outcome


def came_in(sync_id: UUID, inbound_id: UUID, began: float) -> Happened:
    """That a text came in, for the trace of its sync. `began`: seconds since the epoch."""
    facts = {"autosync.inbound_id": str(inbound_id)}
    return Happened("text received", sync_id, inbound_id, None, began, time.time(), facts)


async def answer(connection: Connection, ask: Ask, numbers: Collection[int]) -> None:
    """Keeps an invitee's answer: the numbers of the options that work; none of them: not available.

    Raises Refused for a sync that has ended or is missing, somebody who was not asked, or a number out of range.
    """
    await again_if_overtaken(lambda: _answer(connection, ask, numbers))


async def _answer(connection: Connection, ask: Ask, numbers: Collection[int]) -> None:
    async with connection.transaction():
        sync = await _lock(connection, ask)
        if sync is None or not await answers.find_invitees(connection, [ask]):
            raise Refused("This person was not asked in this sync.")
        if sync.status.is_final:
            raise Refused(f"This sync was {sync.status}; it takes no answers any more.")
        by_number = {option.number: option.id for option in sync.options}
        if unknown := sorted(set(numbers) - by_number.keys()):
            valid = ", ".join(map(str, sorted(by_number)))
            raise Refused(f"There is no option {unknown[0]}; the options are {valid}.")
        await answers.save(connection, [(ask, [by_number[number] for number in set(numbers)])])


async def _lock(connection: Connection, ask: Ask) -> Sync | None:
    """The ask's sync, locked until the transaction ends."""
    if await syncs.lock(connection, ask.sync_id) is None:
        return None
    return await syncs.load(connection, ask.sync_id)


async def _handle(connection: Connection, text: Received, region: str) -> Outcome:
    reading = replies.read_reply(text.body, option_count=MOST_OPTIONS)
    match reading.kind:
        case Kind.STOP:
            return Outcome(await _suppress(connection, text.number, text.body))
        case Kind.START:
            lifted = await suppressions.lift(connection, text.number)
            return Outcome("The number may be texted again." if lifted else "The number was not suppressed.")
    asked = await answers.find_ask(connection, text.number)
    outcome = await organizer_inbox.take(connection, text, reading.kind, asked, region=region)
    if outcome is not None:
        return outcome
    if asked is None:
        return Outcome("Nobody with this number has been asked anything.")
    return await _handle_answer(connection, asked.ask, text)


async def _handle_answer(connection: Connection, ask: Ask, text: Received) -> Outcome:
    try:
        sync = await _lock(connection, ask)
        if sync is None:
            return Outcome("The sync that this text answers has just been deleted.")
        reading = replies.read_reply(text.body, option_count=max((option.number for option in sync.options), default=1))
        return Outcome(await _take(connection, ask, sync, reading, text.links), ask.sync_id, ask.contact_id)
    except ValueError as error:  # as above
        return Outcome(str(error), ask.sync_id, ask.contact_id)


async def _suppress(connection: Connection, number: str, body: str) -> str:
    """Nothing leaves for this number once this is stored: what is on its way is waited for first."""
    await suppressions.suppress(connection, number, source="inbound", reason=body[:200])
    return "The number has opted out of all texts."


async def _take(connection: Connection, ask: Ask, sync: Sync, reading: Reading, links: Links | None) -> str:
    if reading.kind in (Kind.CHATTER, Kind.HELP):
        return "It answers nothing, so nothing was done."
    if sync.status.is_final:
        queued = await _reply(connection, ask, MessageType.LATE_ANSWER, texts.late_answer(sync), links)
        thanks = "a thank-you is on its way." if queued else "its thank-you has been queued before."
        return f"It came after the sync was {sync.status}; {thanks}"
    if not sync.options:
        return "The sync has no options that it could answer."
    if reading.kind is Kind.UNCLEAR or not _in_range(sync, reading):
        queued = await _reply(connection, ask, MessageType.CLARIFICATION, texts.clarification(sync), links)
        return "It is unclear; " + ("a question is on its way." if queued else "the question has been asked before.")
    try:
        await answer(connection, ask, reading.options)
    except Refused as refused:  # the text is kept all the same, with the reason
        return str(refused)
    return answered(sync.status, reading)


def _in_range(sync: Sync, reading: Reading) -> bool:
    return set(reading.options) <= {option.number for option in sync.options}


def answered(status: SyncStatus, reading: Reading) -> str:
    """What is noted of an answer that was kept."""
    numbers = ", ".join(map(str, reading.options))
    chosen = f"option{'s' if len(reading.options) > 1 else ''} {numbers}" if numbers else "not available"
    return f"Answered: {chosen}" + (", while the sync is paused." if status is SyncStatus.PAUSED else ".")


async def _reply(connection: Connection, ask: Ask, type_: MessageType, body: str, links: Links | None) -> int:
    """Queues one reply of this type for this ask, ever; returns 0 if there has been one."""
    text = NewText(ask.sync_id, (ask.contact_id,), type_, ask.message_id, body)
    return await messages.queue(connection, [text], links)
