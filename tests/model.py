"""What must happen to syncs, written down once more, as small as can be: an executable reading of the rules.

It shares no code with the engine. Times are aware; people are told apart by their first names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(hours=24)
ORGANIZER = "organizer"

ASKS = ("initial", "reminder")
AT_ONCE = ("started", "clarification", "late_answer")
"""They answer what the person has just done, by day and by night."""
JUST_NOW = timedelta(minutes=10)
STATES = {
    "initial": ("running",), "reminder": ("running",), "started": ("running",), "reminder_update": ("running",),
    "pause_summary": ("paused",), "goal_met": ("paused",), "invite": ("completed",),
    "clarification": ("running", "paused"), "late_answer": ("stopped", "completed"),
}  # fmt: skip
"""In which states of a sync each text still makes sense."""


@dataclass
class Text:
    """One text: queued, sent or canceled. `held_until`: looked at no earlier; `answers`: a deed of that moment."""

    type: str
    to: str
    status: str = "queued"
    held_until: datetime | None = None
    answers: datetime | None = None


@dataclass
class Sync:
    """One sync. `answers`: option numbers by name, empty for not available; the times are those of pending jobs."""

    status: str
    goal: str
    ends: dict[int, datetime]
    reminder_at: datetime | None
    pause_at: datetime | None = None
    end_at: datetime | None = None
    answers: dict[str, frozenset[int]] = field(default_factory=dict)
    texts: list[Text] = field(default_factory=list)

    @property
    def invitees(self) -> list[str]:
        """Who was asked, or is about to be."""
        return [text.to for text in self.texts if text.type == "initial" and text.status != "canceled"]

    @property
    def is_over(self) -> bool:
        """Ended, one way or the other."""
        return self.status in ("stopped", "completed")

    def has_been_asked(self, name: str) -> bool:
        """Whether a text that asks has reached them."""
        return any(text.to == name and text.type in ASKS and text.status == "sent" for text in self.texts)

    def is_past(self, now: datetime) -> bool:
        """Whether every option has ended."""
        return all(end <= now for end in self.ends.values())

    def goal_is_met(self) -> bool:
        """As the organizer has set it."""
        invitees = self.invitees
        if not invitees:
            return False
        if self.goal == "everyone":
            return all(name in self.answers for name in invitees)
        return any(2 * sum(n in self.answers.get(name, ()) for name in invitees) > len(invitees) for n in self.ends)

    def leave(self, status: str) -> None:
        """Running no more: what would happen by itself does not."""
        self.status = status
        self.reminder_at = self.pause_at = None
        if self.is_over:
            self.end_at = None


class Model:
    """All syncs, and who has said stop."""

    def __init__(self) -> None:
        self.syncs: list[Sync] = []
        self.stopped: set[str] = set()

    def start(self, names: list[str], goal: str, ends: dict[int, datetime], now: datetime) -> None:
        """An organizer starts one."""
        sync = Sync("running", goal, ends, now + DAY, end_at=max(ends.values()))
        sync.texts = [Text("initial", name) for name in names if name not in self.stopped]
        sync.texts.append(Text("started", ORGANIZER, answers=now))
        self.syncs.append(sync)

    def insert(self, names: list[str], goal: str, ends: dict[int, datetime], now: datetime) -> None:
        """Another client inserts one, with the texts that it has sent itself."""
        sync = Sync("running", goal, ends, now + DAY, end_at=max(ends.values()))
        sync.texts = [Text("initial", name, "sent") for name in names]
        self.syncs.append(sync)

    def answer(self, sync: Sync, name: str, numbers: frozenset[int], now: datetime) -> None:
        """Somebody answers; the last answer wins."""
        if sync.is_over:
            sync.texts.append(Text("late_answer", name, answers=now))
            return
        sync.answers[name] = numbers
        told = any(text.type == "goal_met" for text in sync.texts)
        if sync.status == "running" and sync.goal_is_met() and not told:
            sync.pause_at = min(sync.pause_at or now, now)

    def remind(self, sync: Sync, now: datetime) -> None:
        """A paused one begins to run again, with a reminder at once."""
        sync.status = "running"
        sync.reminder_at = now

    def invite(self, sync: Sync) -> None:
        """One option is chosen."""
        sync.texts += [Text("invite", name) for name in sync.invitees]
        sync.leave("completed")

    def move_option(self, sync: Sync, number: int, end: datetime) -> None:
        """Another time for one option."""
        sync.ends[number] = end
        if not sync.is_over:
            sync.end_at = max(sync.ends.values())

    def forget(self, name: str) -> None:
        """A contact is deleted, with all that hangs on them."""
        for sync in self.syncs:
            sync.answers.pop(name, None)
            sync.texts = [text for text in sync.texts if text.to != name]

    def work(self, now: datetime) -> None:
        """What is due, and the texts that may leave."""
        self.process(now)
        self.dispatch(now)

    def process(self, now: datetime) -> None:
        """What is due."""
        for sync in self.syncs:
            while due := self._due(sync, now):
                due(sync, now)

    def dispatch(self, now: datetime) -> None:
        """The texts that may leave."""
        for sync in self.syncs:
            for place, text in enumerate(sync.texts):
                if text.status == "queued" and (text.held_until is None or text.held_until <= now):
                    self._send(sync, text, sync.texts[place + 1 :], now)

    def _due(self, sync: Sync, now: datetime):  # type: ignore[no-untyped-def]
        waiting = [(sync.reminder_at, self._remind), (sync.pause_at, self._pause), (sync.end_at, self._end)]
        due = [(at, does) for at, does in waiting if at is not None and at <= now]
        return min(due, key=lambda entry: entry[0])[1] if due else None

    def _remind(self, sync: Sync, now: datetime) -> None:
        sync.reminder_at = None
        if sync.is_past(now):
            sync.leave("stopped")
            return
        waited_for = [name for name in sync.invitees if name not in sync.answers and name not in self.stopped]
        sync.texts += [Text("reminder", name) for name in waited_for]
        if waited_for:
            sync.texts.append(Text("reminder_update", ORGANIZER))
        if sync.pause_at is None or not sync.goal_is_met():
            sync.pause_at = max(sync.pause_at or now, now + DAY)

    def _pause(self, sync: Sync, now: datetime) -> None:
        sync.pause_at = None
        if sync.is_past(now):
            sync.leave("stopped")
            return
        sync.leave("paused")
        sync.texts.append(Text("goal_met" if sync.goal_is_met() else "pause_summary", ORGANIZER))

    def _end(self, sync: Sync, now: datetime) -> None:
        sync.leave("stopped")

    def _send(self, sync: Sync, text: Text, later: list[Text], now: datetime) -> None:
        asks_about_times = text.type in ("initial", "reminder", "invite", "clarification")
        if (
            sync.status not in STATES[text.type]
            or (text.type == "reminder" and text.to in sync.answers)
            or (asks_about_times and sync.is_past(now))
            or text.to in self.stopped
            or (text.type not in ("initial", *AT_ONCE) and any((t.type, t.to) == (text.type, text.to) for t in later))
        ):
            text.status = "canceled"
        elif (text.answers is not None and now <= text.answers + JUST_NOW) or 9 <= now.astimezone(NEW_YORK).hour < 20:
            text.status = "sent"
        else:
            text.held_until = next_morning(now)


def next_morning(now: datetime) -> datetime:
    """When the last of the held texts have left: twenty minutes past nine."""
    local = now.astimezone(NEW_YORK)
    today = local.replace(hour=9, minute=20, second=0, microsecond=0)
    return today if local < today else today + timedelta(days=1)
