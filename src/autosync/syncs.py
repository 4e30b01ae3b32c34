"""The organizer's verbs: start, remind, invite, stop; and `preview`, a start that writes nothing.

Each is one transaction that holds the sync's row lock: it happens whole or not at all, and follows whatever the
processor is doing to the same sync. They queue texts and change states; the triggers see to the jobs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from autosync import texts
from autosync.database import clock, messages, people, questions, syncs
from autosync.database.people import Member, Organizer
from autosync.database.pool import Connection, again_if_overtaken
from autosync.invitee_links import Links
from autosync.model import (
    MOST_OPTIONS,
    Invitee,
    MessageType,
    NewText,
    Option,
    Refused,
    ResponseGoal,
    Sync,
    SyncStatus,
    Unusable,
)
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.segments import Counted, count

log = structlog.get_logger(__name__)

LONGEST_EVENT_NAME = 200
LONGEST_LOCATION = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What an organizer wants to start. `options`: one to three (start, end or None), aware; `timezone`: IANA name.

    `id`: what the sync shall be known by; None: any new id.
    """

    organizer_id: UUID
    crew: str
    event_name: str
    event_location: str | None
    timezone: str
    response_goal: ResponseGoal
    options: tuple[tuple[datetime, datetime | None], ...]
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A sync that has begun: who was asked, and who of the crew could not be, (name, why)."""

    sync: Sync
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PreviewText:
    """One text as it would arrive, and what it takes up."""

    recipient_name: str
    body: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Preview:
    """What a start would do now.

    `left_out`: (name, why), also the organizer where no text reaches them. `texts`: all that would be sent at once,
    the organizer's last; `segments_total`: theirs; `segments_at_most`: with one reminder and one invite for everybody.
    """

    sync: Sync
    left_out: tuple[tuple[str, str], ...]
    texts: tuple[PreviewText, ...]
    segments_total: int
    segments_at_most: int


@dataclass(frozen=True, slots=True)
class _Draft:
    """A sync that passed every check, and what its start has to write. `opening`: the organizer's text is the last."""

    sync: Sync
    organizer: Organizer
    crew_id: UUID
    left_out: tuple[tuple[str, str], ...]
    opening: tuple[NewText, ...]


async def preview(connection: Connection, plan: Plan, *, region: str, links: Links | None = None) -> Preview:
    """What `start` would do with the same plan, told beforehand: it checks and raises the same, and writes nothing."""
    draft = await _draft(connection, plan, region)
    sync, opening, left_out = draft.sync, draft.opening, draft.left_out
    if reason := await _why_untextable(connection, draft.organizer, region):
        opening = opening[:-1]
        left_out = (*left_out, (draft.organizer.name, f"organizes this, but gets no word of it: {reason}"))
    names: dict[UUID | None, str] = {None: draft.organizer.name}
    names.update((invitee.contact_id, invitee.name) for invitee in sync.invitees)
    arriving = tuple(_preview_text(names[to], text, links) for text in opening for to in text.recipients)
    total = sum(text.counted.segments for text in arriving)
    return Preview(sync, left_out, arriving, total, total + len(sync.invitees) * _later_segments(sync, links))


async def start(connection: Connection, plan: Plan, *, region: str, links: Links | None = None) -> Started:
    """Starts a sync: the row, its options, the initial texts, and `started` for the organizer.

    `region`: the country of numbers without a country code; `links`: what the texts end with. Raises Unusable for a
    plan that makes no sense in itself, Refused for one that cannot be met.
    """
    draft = await again_if_overtaken(lambda: _begin(connection, plan, region, links))
    sync, left_out = draft.sync, draft.left_out
    log.info("sync_started", sync_id=str(sync.id), invitees=len(sync.invitees), left_out=len(left_out))
    return Started(sync, left_out)


async def _begin(connection: Connection, plan: Plan, region: str, links: Links | None) -> _Draft:
    async with connection.transaction():
        draft = await _draft(connection, plan, region)
        await syncs.insert(connection, sync=draft.sync, organizer_id=plan.organizer_id, crew_id=draft.crew_id)
        await messages.queue(connection, draft.opening, links)
    return draft


async def remind(connection: Connection, sync_id: UUID, *, organizer_id: UUID | None = None) -> Sync:
    """Makes a paused sync running again; whoever has not answered is reminded at once.

    `organizer_id`: whose sync it must be; None: anybody's. Raises Refused.
    """
    async with connection.transaction():
        sync = await _lock(connection, sync_id, organizer_id)
        if sync.status is SyncStatus.RUNNING:
            raise Refused("The sync is running and reminds by itself; only a paused one can remind again.")
        _refuse_if_ended(sync)
        await questions.settle(connection, sync_id)
        await syncs.resume(connection, sync_id)
    return replace(sync, status=SyncStatus.RUNNING)


async def invite(
    connection: Connection,
    sync_id: UUID,
    number: int,
    *,
    organizer_id: UUID | None = None,
    links: Links | None = None,
) -> tuple[Sync, Option]:
    """Completes a sync with the option of this number, and invites everybody who was asked. Raises Refused."""
    return await again_if_overtaken(lambda: _choose(connection, sync_id, number, organizer_id, links))


async def _choose(
    connection: Connection, sync_id: UUID, number: int, organizer_id: UUID | None, links: Links | None
) -> tuple[Sync, Option]:
    async with connection.transaction():
        sync = await _lock(connection, sync_id, organizer_id)
        _refuse_if_ended(sync)
        chosen = next((option for option in sync.options if option.number == number), None)
        if chosen is None:
            valid = ", ".join(str(option.number) for option in sync.options) or "none"
            raise Refused(f"The sync has no option {number}; its options are {valid}.")
        now, _ = await clock.read(connection)
        if chosen.over_at <= now:
            raise Refused(f"Option {number} is over; choose one that is still ahead.")
        await messages.wait_for_departures_of_sync(connection, sync_id)
        body = _invite(sync, chosen)
        await questions.settle(connection, sync_id)
        await syncs.complete(connection, sync_id, chosen.id)
        invited = tuple(invitee.contact_id for invitee in sync.invitees)
        await messages.let_invite_again(connection, sync_id, chosen.id)
        await messages.queue(connection, [NewText(sync.id, invited, MessageType.INVITE, chosen.id, body)], links)
    return replace(sync, status=SyncStatus.COMPLETED), chosen


async def stop(connection: Connection, sync_id: UUID, *, organizer_id: UUID | None = None) -> Sync:
    """Ends a sync without invites. Once this returns, no text of it leaves any more. Raises Refused."""
    async with connection.transaction():
        sync = await _lock(connection, sync_id, organizer_id)
        _refuse_if_ended(sync)
        await messages.wait_for_departures_of_sync(connection, sync_id)
        await questions.settle(connection, sync_id)
        await syncs.change_status(connection, [sync_id], SyncStatus.STOPPED)
    return replace(sync, status=SyncStatus.STOPPED)


async def _draft(connection: Connection, plan: Plan, region: str) -> _Draft:
    """Checks the plan and finds whom to ask; reads only. Raises as `start` does."""
    now, timings = await clock.read(connection)
    _check(plan, now)
    found = await people.find_organizers(connection, plan.organizer_id)
    if not found:
        raise Refused(f"There is no organizer {plan.organizer_id}: `autosync organizers list` shows them.")
    crew_id, invitees, left_out = await _whom_to_ask(connection, plan, region)
    sync = Sync(
        id=plan.id or uuid4(),
        status=SyncStatus.RUNNING,
        event_name=plan.event_name.strip(),
        event_location=(plan.event_location or "").strip() or None,
        timezone=plan.timezone,
        response_goal=plan.response_goal,
        organizer_name=found[0].name,
        options=tuple(Option(uuid4(), number, *times) for number, times in enumerate(plan.options, start=1)),
        invitees=invitees,
    )
    opening = _opening_texts(sync, remind_at=now + timings.reminder_delay)
    return _Draft(sync, found[0], crew_id, left_out, opening)


def _check(plan: Plan, now: datetime) -> None:
    name = plan.event_name.strip()
    if not name:
        raise Unusable("The event has no name: say what people are asked to come to.")
    if len(name) > LONGEST_EVENT_NAME:
        raise Unusable(f"The event's name has {len(name)} characters; {LONGEST_EVENT_NAME} are the most.")
    place = len((plan.event_location or "").strip())
    if place > LONGEST_LOCATION:
        raise Unusable(f"The location has {place} characters; {LONGEST_LOCATION} are the most.")
    try:
        texts.zone(plan.timezone)
    except ValueError as error:
        raise Unusable(str(error)) from error
    _check_options(plan.options, now)


def _check_options(options: Sequence[tuple[datetime, datetime | None]], now: datetime) -> None:
    if not 1 <= len(options) <= MOST_OPTIONS:
        raise Unusable(f"A sync has one to three options, not {len(options)}.")
    for number, (begins, ends) in enumerate(options, start=1):
        if ends is not None and ends <= begins:
            raise Unusable(f"Option {number} ends before it begins, or as it does.")
        if begins <= now:
            raise Refused(f"Option {number} begins in the past.")
    for number, times in enumerate(options, start=1):
        if times in options[: number - 1]:
            raise Unusable(f"Options {options.index(times) + 1} and {number} are the same time.")


async def _whom_to_ask(
    connection: Connection, plan: Plan, region: str
) -> tuple[UUID, tuple[Invitee, ...], tuple[tuple[str, str], ...]]:
    """The crew's id, whom to ask, and who is left out and why. Raises Refused if nobody can be asked."""
    found = await people.find_crews(connection, plan.organizer_id, plan.crew)
    if not found:
        raise Refused(f"The organizer has no crew {plan.crew!r}: `autosync crews list` shows theirs.")
    if len(found) > 1:
        raise Refused(f"The organizer has {len(found)} crews named {plan.crew!r}: give the id of one.")
    members = await people.list_members(connection, found[0].id)
    textable, left_out = _textable(members, region)
    opted_out = await messages.load_suppressed(connection, textable)
    left_out += [(textable[number].name, "has opted out of all texts") for number in sorted(opted_out)]
    invitees = tuple(
        Invitee(member.contact_id, member.name) for number, member in textable.items() if number not in opted_out
    )
    if not invitees:
        raise Refused(f"Nobody in the crew {found[0].name!r} has a number that can be texted.")
    return found[0].id, invitees, tuple(left_out)


def _textable(members: Sequence[Member], region: str) -> tuple[dict[str, Member], list[tuple[str, str]]]:
    """Members by E.164 number, and those without one, or with somebody else's."""
    textable: dict[str, Member] = {}
    left_out: list[tuple[str, str]] = []
    for member in members:
        try:
            number = to_e164(member.phone_number or "", default_region=region)
        except UntextableNumber as error:
            left_out.append((member.name, str(error)))
            continue
        if number in textable:
            left_out.append((member.name, f"has the same number as {textable[number].name}"))
        else:
            textable[number] = member
    return textable, left_out


def _opening_texts(sync: Sync, *, remind_at: datetime) -> tuple[NewText, ...]:
    """The initial texts, and the organizer's at the end."""
    asked = tuple(invitee.contact_id for invitee in sync.invitees)
    ask = NewText(sync.id, asked, MessageType.INITIAL, sync.id, texts.initial(sync))
    return ask, NewText(sync.id, (None,), MessageType.STARTED, sync.id, texts.started(sync, remind_at=remind_at))


def _preview_text(recipient_name: str, text: NewText, links: Links | None) -> PreviewText:
    body = _as_it_arrives(text.type, text.body, links)
    return PreviewText(recipient_name, body, count(body))


def _as_it_arrives(type_: MessageType, body: str, links: Links | None) -> str:
    """The words with a link such as the text will have."""
    return body if links is None else links.add(type_, body, uuid4())


async def _why_untextable(connection: Connection, organizer: Organizer, region: str) -> str | None:
    """Why no text reaches the organizer, in a sentence; None: they are reached."""
    try:
        number = to_e164(organizer.phone_number or "", default_region=region)
    except UntextableNumber as error:
        return str(error)
    suppressed = await messages.load_suppressed(connection, [number])
    return "The number has opted out of all texts." if suppressed else None


def _later_segments(sync: Sync, links: Links | None) -> int:
    """Segments that each invitee can still cost: one reminder, and the longest of the possible invites."""

    def segments(type_: MessageType, body: str) -> int:
        return count(_as_it_arrives(type_, body, links)).segments

    invites = [segments(MessageType.INVITE, texts.invite(sync, option)) for option in sync.options]
    return segments(MessageType.REMINDER, texts.reminder(sync)) + max(invites)


async def _lock(connection: Connection, sync_id: UUID, organizer_id: UUID | None) -> Sync:
    locked = await syncs.lock(connection, sync_id)
    if locked is None or (organizer_id is not None and locked[0] != organizer_id):
        raise Refused(f"There is no sync {sync_id} of this organizer." if organizer_id else _missing(sync_id))
    sync = await syncs.load(connection, sync_id)
    if sync is None:
        raise Refused(_missing(sync_id))
    return sync


def _missing(sync_id: UUID) -> str:
    return f"There is no sync {sync_id}: `autosync syncs list` shows them."


def _invite(sync: Sync, chosen: Option) -> str:
    """The invite's words. Raises Refused where another client has given the sync a time zone that is none."""
    try:
        return texts.invite(sync, chosen)
    except ValueError as error:
        raise Refused(str(error)) from error


def _refuse_if_ended(sync: Sync) -> None:
    if sync.status.is_final:
        raise Refused(f"The sync was {sync.status} already, which is final.")
