"""Everything about a person, shown or deleted: a contact of one organizer, whoever has a number, or an organizer.

`whose = await find(...)`, then `export` or `delete`. What has been deleted is gone from every table; that a number said
stop stays as a keyed hash, so that it goes on being obeyed. What an organizer wrote, such as the name of an event, is
theirs, and texts that a gateway has are the gateway's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from autosync import lifecycle, texts
from autosync.database import clock, interventions, private, questions, syncs
from autosync.database.pool import Connection, again_if_overtaken
from autosync.database.private import Report
from autosync.model import MessageType, Refused, Sync
from autosync.phone_numbers import UntextableNumber, to_e164

if TYPE_CHECKING:  # with its libraries it takes a while, and few commands need it
    from autosync.calendar_connections import CalendarConnections


@dataclass(frozen=True, slots=True)
class Whose:
    """Contacts, and the numbers (E.164) that are nobody else's; `organizer_id`: the organizer whose they are, if it is
    about one."""

    contact_ids: frozenset[UUID]
    numbers: frozenset[str]
    organizer_id: UUID | None = None


async def of_contact(connection: Connection, contact_id: UUID, *, region: str) -> Whose:
    """One contact of one organizer; the number only if nobody else has it. Raises Refused if there is none."""
    found = await private.find_contacts(connection, contact_ids=[contact_id])
    if not found:
        raise Refused(f"There is no contact {contact_id}.")
    return await _with_numbers(connection, frozenset({contact_id}), [number for *_, number in found], region)


async def of_number(connection: Connection, number: str, *, region: str) -> Whose:
    """Everybody's contacts with this number (E.164). Raises Refused where it is an organizer's."""
    if organizers := await questions.find_organizers(connection, number):
        raise Refused(
            f"The number is an organizer's own ({organizers[0][0]}): `autosync privacy delete --organizer` is for them."
        )
    found = await private.find_contacts(connection, numbers=[number])
    same = frozenset(id_ for id_, _, written in found if _e164(written, region) == number)
    return Whose(same, frozenset({number}))


async def of_organizer(connection: Connection, organizer_id: UUID, *, region: str) -> Whose:
    """An organizer with all that is theirs. Raises Refused if there is none."""
    found = await private.list_people_of(connection, organizer_id)
    if not found:
        raise Refused(f"There is no organizer {organizer_id}: `autosync organizers list` shows them.")
    contacts = frozenset(id_ for id_, _ in found if id_ is not None)
    whose = await _with_numbers(connection, contacts, [number for _, number in found], region)
    return Whose(whose.contact_ids, whose.numbers, organizer_id)


async def export(connection: Connection, whose: Whose, *, who: str) -> dict[str, Any]:
    """All that is kept about them, as a document; without secrets. That `who` has looked is noted."""
    await interventions.record(connection, "privacy export", [(None, None)], who=who, details=_kind(whose))
    if whose.organizer_id is not None:
        return await private.export_organizer(connection, whose.organizer_id, whose.numbers)
    return await private.export_people(connection, whose.contact_ids, whose.numbers)


async def delete(
    connection: Connection, whose: Whose, *, who: str, connections: CalendarConnections | None = None
) -> dict[str, int]:
    """Deletes all of it in one transaction; how many rows of each kind. Noted is who did it, not whom it was about.

    `connections`: an organizer's calendar is withdrawn at Google once the rows are gone; that Google cannot be reached
    holds nothing up.
    """
    tokens = None
    if connections is not None and whose.organizer_id is not None:
        tokens = await connections.tokens_to_withdraw(whose.organizer_id)

    async def do() -> dict[str, int]:
        async with connection.transaction():
            deleted, reports = await private.delete(connection, whose.contact_ids, whose.numbers, whose.organizer_id)
            await _write_anew(connection, reports)
            await interventions.record(connection, "privacy delete", [(None, None)], who=who, details=_kind(whose))
            return deleted

    deleted = await again_if_overtaken(do)
    if connections is not None and tokens is not None:
        await connections.withdraw(tokens)
    return deleted


async def _write_anew(connection: Connection, reports: Sequence[Report]) -> None:
    """Writes reports that may still leave without whoever has been deleted; of one that cannot be written, why."""
    if not reports:
        return
    now, _ = await clock.read(connection)
    found = await syncs.load_unread(connection, list({report.sync_id for report in reports}))
    written = [(report, *_words(report, found[report.sync_id], now)) for report in reports if report.sync_id in found]
    if written:
        await private.write_anew(connection, written)


def _words(report: Report, read: Callable[[], Sync], now: datetime) -> tuple[str | None, str | None]:
    """What a report says as things stand now, or None and why it cannot say it. A goal may be met no more."""
    try:
        sync = read()
        is_met = report.type is MessageType.GOAL_MET and lifecycle.goal_is_met(sync, now)
        return (texts.goal_met(sync) if is_met else texts.pause_summary(sync)), None
    except ValueError as error:  # another client's state, or its time zone that is none
        return None, f"It named somebody who has been deleted, and cannot be written anew: {error}"


def _kind(whose: Whose) -> str:
    return "an organizer" if whose.organizer_id is not None else f"{len(whose.contact_ids)} contacts"


async def _with_numbers(
    connection: Connection, contact_ids: frozenset[UUID], written: list[str | None], region: str
) -> Whose:
    """The contacts with those of their numbers that no other contact has."""
    numbers = {number for number in (_e164(each, region) for each in written) if number is not None}
    others = {
        _e164(number, region)
        for id_, _, number in await private.find_contacts(connection, numbers=numbers)
        if id_ not in contact_ids
    }
    return Whose(contact_ids, frozenset(numbers - others))


def _e164(written: str | None, region: str) -> str | None:
    try:
        return to_e164(written or "", default_region=region)
    except UntextableNumber:
        return None
