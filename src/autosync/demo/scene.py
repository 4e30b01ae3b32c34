"""Everything that the demo's page shows, read in a few statements: `await read_scene(connection)`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from autosync import quiet_hours
from autosync.database import jobs, syncs
from autosync.database.demo import SeenAnswer, SeenJob, SeenText, all_answers, all_jobs, all_texts
from autosync.database.pool import Connection
from autosync.demo.cast import CREW, NUMBERS, ORGANIZER, ORGANIZERS_NUMBER, ZONE
from autosync.demo.hints import Hint, hint
from autosync.model import JobType, MessageType, Sync, SyncStatus

_NAMES = {number: name for name, number in NUMBERS.items()} | {ORGANIZERS_NUMBER: ORGANIZER}
_ASK_MAYA = (
    MessageType.PAUSE_SUMMARY, MessageType.GOAL_MET, MessageType.CHOOSE_OPTION, MessageType.CONFIRM_STOP,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text on a phone. `mine`: its owner wrote it; `note`: why it has not left, or what was made of it."""

    mine: bool
    body: str
    at: datetime
    note: str | None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone: whose, how its owner stands to the newest sync, and its texts in order. `can_answer`: was asked."""

    name: str
    standing: str
    bubbles: tuple[Bubble, ...]
    can_answer: bool

    @property
    def is_organizers(self) -> bool:
        """Whether it is Maya's."""
        return self.name == ORGANIZER


@dataclass(frozen=True, slots=True)
class Scene:
    """How the demo stands. `sync`: the newest one; `jobs`: its jobs; `next_at`: when something happens by itself."""

    now: datetime
    sync: Sync | None
    jobs: tuple[SeenJob, ...]
    next_at: datetime | None
    phones: tuple[Phone, ...]
    hint: Hint
    started: int


async def read_scene(connection: Connection) -> Scene:
    """The scene as it stands now."""
    due = await jobs.next_due(connection)
    listed = await syncs.list_all(connection, organizer_id=None, status=None, limit=100)
    sync = await syncs.load(connection, listed[0].id) if listed else None
    seen_jobs = [job for job in await all_jobs(connection) if sync and job.sync_id == sync.id]
    texts = await all_texts(connection)
    answers = await all_answers(connection)
    return Scene(
        now=due.now,
        sync=sync,
        jobs=tuple(seen_jobs),
        next_at=min((at for at in (due.job, due.text) if at and at > due.now), default=None),
        phones=tuple(_phone(name, sync, texts, answers) for name in (ORGANIZER, *CREW)),
        hint=hint(
            sync,
            started=len(listed),
            waiting=frozenset(JobType(job.type) for job in seen_jobs if job.status == "pending"),
            asked_maya=_last_question(texts),
            is_night=not quiet_hours.awake(ORGANIZERS_NUMBER, fallback=ZONE.key, now=due.now),
        ),
        started=len(listed),
    )


def _last_question(texts: Sequence[SeenText]) -> MessageType | None:
    asked = [text for text in texts if text.type in _ASK_MAYA]
    return MessageType(max(asked, key=lambda text: text.at).type) if asked else None


def _phone(name: str, sync: Sync | None, texts: Sequence[SeenText], answers: Sequence[SeenAnswer]) -> Phone:
    bubbles = [_received(text) for text in texts if text.recipient == name]
    bubbles += [Bubble(True, answer.body, answer.at, answer.outcome) for answer in answers if _wrote(name, answer)]
    bubbles.sort(key=lambda bubble: (bubble.at, bubble.waits, not bubble.mine))
    return Phone(name, _standing(name, sync), tuple(bubbles), _is_asked(name, sync))


def _wrote(name: str, answer: SeenAnswer) -> bool:
    return _NAMES.get(answer.phone_number) == name


def _received(text: SeenText) -> Bubble:
    match text.status:
        case "sent" | "delivered":
            return Bubble(False, text.body, text.at, None)
        case "canceled" | "failed":
            return Bubble(False, text.body, text.at, f"Not sent. {text.reason or ''}".strip(), waits=True)
        case _:
            return Bubble(False, text.body, text.at, text.reason or "On its way.", waits=True)


def _is_asked(name: str, sync: Sync | None) -> bool:
    return bool(sync and not sync.status.is_final and any(i.name.split()[0] == name for i in sync.invitees))


def _standing(name: str, sync: Sync | None) -> str:
    """One line under the name."""
    if name == ORGANIZER:
        return _organizers_standing(sync)
    invitee = next((i for i in sync.invitees if i.name.split()[0] == name), None) if sync else None
    if sync is None or invitee is None:
        return "Not asked" if sync else "A friend"
    if invitee.opted_out:
        return "Said stop"
    if invitee.answer is None:
        return "No answer yet"
    numbers = [str(option.number) for option in sync.options if option.id in invitee.answer]
    return f"Can make {', '.join(numbers)}" if numbers else "Can make none"


def _organizers_standing(sync: Sync | None) -> str:
    if sync is None:
        return "Organizes"
    said = {
        SyncStatus.RUNNING: "Collecting answers",
        SyncStatus.PAUSED: "Has to decide",
        SyncStatus.COMPLETED: "Sent the invites",
        SyncStatus.STOPPED: "Stopped it",
    }
    return said[sync.status]
