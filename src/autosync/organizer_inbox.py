"""Takes what organizers text: their choice about a paused sync, STATUS, or what they need help with.

Whose question it answers: the most recent text that waits for an answer at the number decides, be it an ask of an
invitee, the report of a sync that is still paused, or what we asked about it next; where none waits, the latest one.
It is one conversation for all profiles that have the number. STATUS is the organizer's always.

Two texts at once: whoever has the sync's row lock first is answered. The other then finds the sync no longer paused, or
another question open than the one it answers, and does nothing. A question that is on its way has not been read yet, so
what comes before it has left chooses nothing. Nothing is kept but rows: a question is settled by `is_resolved`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from autosync import organizer_words, syncs, texts
from autosync.database import clock, messages, questions
from autosync.database import syncs as stored
from autosync.database.answers import Asked, Outcome
from autosync.database.pool import Connection
from autosync.database.questions import Question
from autosync.invitee_links import Links
from autosync.lifecycle import to_remind
from autosync.model import MessageType, NewText, Option, Refused, Sync, SyncStatus
from autosync.organizer_words import Choice
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.replies import Kind

MOST_LISTED = 20
"""So many syncs are listed at the most; two segments hold fewer."""

_NOTHING = "It answers nothing, so nothing was done."


@dataclass(frozen=True, slots=True)
class Received:
    """A text that came in and is kept under `id`, from an E.164 number. `links`: what invites end with."""

    id: UUID
    number: str
    body: str
    links: Links | None = None


async def take(
    connection: Connection, text: Received, kind: Kind, asked: Asked | None, *, region: str
) -> Outcome | None:
    """What became of an organizer's text; None: it is not one, or it answers what they were asked as an invitee.

    `kind`: how it reads as an invitee's answer; `asked`: the ask that it would answer. Call it in a transaction.
    """
    organizers = await _organizers(connection, text.number, region)
    if not organizers:
        return None
    if organizer_words.asks_for_status(text.body):
        return await _list(connection, text, organizers)
    question = await questions.find(connection, text.number, organizers)
    if asked is not None and _answers_the_ask(asked, question, kind):
        return None
    if question is not None and _is_answer(text, question):
        try:
            return Outcome(await _answer(connection, text, kind, question), question.sync_id)
        except (Refused, ValueError) as error:  # the text is kept all the same, with the reason
            return Outcome(str(error), question.sync_id)
    if kind is Kind.CHATTER:
        return Outcome(_NOTHING)
    return await _help(connection, text, organizers, question)


async def _organizers(connection: Connection, number: str, region: str) -> list[UUID]:
    """The profiles whose number this is now, however they wrote it."""

    def has_it(written: str) -> bool:
        try:
            return to_e164(written, default_region=region) == number
        except UntextableNumber:
            return False

    return [id_ for id_, written in await questions.find_organizers(connection, number) if has_it(written)]


def _answers_the_ask(asked: Asked, question: Question | None, kind: Kind) -> bool:
    """An ask whose sync has ended still takes what is plainly an answer: it is thanked for."""
    if question is not None and (question.waits, question.left_at) > (asked.waits, asked.left_at):
        return False
    return asked.open or kind in (Kind.OPTIONS, Kind.NONE)


def _is_answer(text: Received, question: Question) -> bool:
    """Whatever is said to a question of ours answers it; to a report, or too late, only a choice does."""
    if question.waits and question.type not in questions.REPORTS:
        return True
    return organizer_words.choice(text.body) is not None


async def _answer(connection: Connection, text: Received, kind: Kind, question: Question) -> str:
    """Applies an answer under the sync's lock, if it still stands as it did when the question was found."""
    sync = await _lock(connection, question.sync_id)
    if sync is None:
        return "The sync that this text answers has just been deleted."
    newest = await questions.find_open(connection, sync.id)
    if sync.status is not SyncStatus.PAUSED or newest is None:
        told = await _tell(connection, sync, question.id)
        return f"It came too late: the sync is {sync.status}; " + (
            "a text that says so is on its way." if told else "which has been said before."
        )
    if newest != question.id:
        return "A newer question about this sync has not been read yet, so nothing was done."
    match question.type:
        case MessageType.CHOOSE_OPTION:
            return await _take_option(connection, text, kind, sync)
        case MessageType.CONFIRM_STOP:
            return await _take_confirmation(connection, text, sync)
        case _:
            return await _take_choice(connection, text, sync)


async def _take_choice(connection: Connection, text: Received, sync: Sync) -> str:
    match organizer_words.choice(text.body):
        case Choice.REMIND:
            resumed = await syncs.remind(connection, sync.id)
            if not to_remind(sync):  # nobody's reminder, and so no update, will tell them
                await _tell(connection, resumed, text.id)
            return "Reminds again."
        case Choice.INVITE if len(sync.options) == 1:
            return await _invite(connection, text, sync, sync.options[0])
        case Choice.INVITE:
            await _ask_which(connection, sync, text.id)
            return "Sends invites; the question for which option is on its way."
        case Choice.STOP:
            await _queue(connection, sync.id, MessageType.CONFIRM_STOP, text.id, texts.confirm_stop(sync))
            return "Stops; the question whether to is on its way."
        case None:
            return _NOTHING


async def _take_option(connection: Connection, text: Received, kind: Kind, sync: Sync) -> str:
    number = organizer_words.option_number(text.body)
    chosen = next((option for option in await _ahead(connection, sync) if option.number == number), None)
    if chosen is not None:
        return await _invite(connection, text, sync, chosen)
    if kind is Kind.CHATTER:
        return _NOTHING
    if number == 0:
        return await _keep(connection, text, sync, MessageType.CHOOSE_OPTION)
    report = await questions.find_open(connection, sync.id, questions.REPORTS)
    asked = await _ask_which(connection, sync, report or text.id)
    return "It names no option; " + (
        "the question is on its way again." if asked else "it has been asked again before."
    )


async def _take_confirmation(connection: Connection, text: Received, sync: Sync) -> str:
    if organizer_words.choice(text.body) is Choice.STOP:
        await _tell(connection, await syncs.stop(connection, sync.id), text.id)
        return "Stopped."
    return await _keep(connection, text, sync, MessageType.CONFIRM_STOP)


async def _keep(connection: Connection, text: Received, sync: Sync, type_: MessageType) -> str:
    """Takes the question of this type back: the report waits for a choice again."""
    await questions.settle(connection, sync.id, [type_])
    await _queue(connection, sync.id, MessageType.STATUS, text.id, texts.still_paused(sync))
    return "Keeps it; the choices are on their way again."


async def _invite(connection: Connection, text: Received, sync: Sync, option: Option) -> str:
    completed, chosen = await syncs.invite(connection, sync.id, option.number, links=text.links)
    await _tell(connection, completed, text.id)
    return f"Invites for option {chosen.number}."


async def _ask_which(connection: Connection, sync: Sync, cause: UUID) -> bool:
    """Asks for which option, once for each cause. Raises Refused where none is ahead."""
    ahead = await _ahead(connection, sync)
    if not ahead:
        raise Refused("The sync has no option that is still ahead.")
    body = texts.choose_option(replace(sync, options=ahead))
    return await _queue(connection, sync.id, MessageType.CHOOSE_OPTION, cause, body)


async def _ahead(connection: Connection, sync: Sync) -> tuple[Option, ...]:
    now, _ = await clock.read(connection)
    return tuple(option for option in sync.options if option.over_at > now)


async def _tell(connection: Connection, sync: Sync, cause: UUID) -> bool:
    """Tells how one sync stands now, once for each cause."""
    return await _queue(connection, sync.id, MessageType.STATUS, cause, texts.status([sync]))


async def _list(connection: Connection, text: Received, organizers: list[UUID]) -> Outcome:
    latest = await questions.find_latest_sync(connection, organizers)
    if latest is None:
        return _WITHOUT_SYNC
    active = await questions.list_active_syncs(connection, organizers, limit=MOST_LISTED)
    body = texts.status(await stored.load_all(connection, active))
    await _queue(connection, latest, MessageType.STATUS, text.id, body)
    return Outcome("Asks how things stand; a list is on its way.", latest)


_WITHOUT_SYNC = Outcome("It comes from an organizer without any sync, so there is nothing to say.")


async def _help(connection: Connection, text: Received, organizers: list[UUID], question: Question | None) -> Outcome:
    """One text, which hangs on the latest sync and waits under its lock, so that of two at once one is helped."""
    latest = await questions.find_latest_sync(connection, organizers)
    if latest is None or await stored.lock(connection, latest) is None:
        return _WITHOUT_SYNC
    if await questions.were_helped_lately(connection, organizers):
        return Outcome("It is no choice; help was sent within the last ten minutes.", latest)
    paused = await stored.load(connection, question.sync_id) if question is not None and question.waits else None
    await _queue(connection, latest, MessageType.HELP, text.id, texts.organizer_help(paused))
    return Outcome("It is no choice; help is on its way.", latest)


async def _lock(connection: Connection, sync_id: UUID) -> Sync | None:
    """The sync, locked until the transaction ends."""
    if await stored.lock(connection, sync_id) is None:
        return None
    return await stored.load(connection, sync_id)


async def _queue(connection: Connection, sync_id: UUID, type_: MessageType, cause: UUID, body: str) -> bool:
    """Queues a text to the organizer; False if there has been one of this type for this cause."""
    return await messages.queue(connection, [NewText(sync_id, (None,), type_, cause, body)]) == 1
