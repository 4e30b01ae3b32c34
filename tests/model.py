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

ASKS = ("initial", "reminder", "clarification")
AT_ONCE = ("started", "clarification", "late_answer")
"""They answer what the person has just done, by day and by night."""
JUST_NOW = timedelta(minutes=10)
STATES = {
    "initial": ("running", "paused"), "reminder": ("running",), "invite": ("completed",),
    "clarification": ("running", "paused"), "late_answer": ("stopped", "completed"),
    "started": ("running",), "reminder_update": ("running",), "pause_summary": ("paused",), "goal_met": ("paused",),
}  # fmt: skip
"""In which states of a sync each text still makes sense."""


@dataclass(eq=False)
class Text:
    """One text: queued, sent or canceled.

    `held_until`: looked at no earlier; `answers`: a deed of that moment; `about`: the ask that it replies to;
    `is_resolved`: it asked, and has been answered, or the organizer has decided.
    """

    type: str
    to: str
    status: str = "queued"
    sent_at: datetime | None = None
    held_until: datetime | None = None
    answers: datetime | None = None
    about: Text | None = None
    is_resolved: bool = False


@dataclass(eq=False)
class Sync:
    """One sync. `answers`: option numbers by name, empty for not available; the times are those of pending jobs."""

    status: str
    goal: str
    ends: dict[int, datetime]
    reminder_at: datetime | None
    pause_at: datetime | None = None
    end_at: datetime | None = None
    chosen: int | None = None
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

    def asks(self, name: str) -> list[Text]:
        """The texts that ask them; a clarification asks once more what it is about."""
        return [text for text in self.texts if text.to == name and text.type in ASKS]

    def is_past(self, now: datetime) -> bool:
        """Whether every option has ended, or the chosen one."""
        return all(end <= now for number, end in self.ends.items() if self.chosen in (None, number))

    def goal_is_met(self, now: datetime) -> bool:
        """As the organizer has set it; a time that is over is none that works."""
        invitees = self.invitees
        if not invitees:
            return False
        if self.goal == "everyone":
            return all(name in self.answers for name in invitees)
        ahead = [number for number, end in self.ends.items() if end > now]
        return any(2 * sum(n in self.answers.get(name, ()) for name in invitees) > len(invitees) for n in ahead)

    def reply(self, type_: str, ask: Text, now: datetime) -> None:
        """A text back, one of each type for each ask."""
        if not any((text.type, text.about) == (type_, ask) for text in self.texts):
            self.texts.append(Text(type_, ask.to, answers=now, about=ask))

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
        sync.texts = [Text("initial", name, "sent", sent_at=now) for name in names]
        self.syncs.append(sync)

    def asks_of(self, name: str) -> list[tuple[Sync, Text]]:
        """The ask that a text of theirs answers, if there is any; where several left at once, one of these.

        It is the most recent one without an answer, else the latest, of those syncs that still accept answers, and
        else the latest of all.
        """
        ranked = [
            ((not sync.is_over and not text.is_resolved, not sync.is_over, text.sent_at), sync, text.about or text)
            for sync in self.syncs
            for text in sync.asks(name)
            if text.sent_at is not None
        ]
        first = max((rank for rank, _, _ in ranked), default=None)
        return list({ask: (sync, ask) for rank, sync, ask in ranked if rank == first}.values())

    def hear(self, sync: Sync, ask: Text, numbers: frozenset[int] | None, now: datetime) -> None:
        """A text comes that answers this ask: with the options that they can make, or (None) nothing to be read."""
        if sync.is_over:
            sync.reply("late_answer", ask, now)
        elif numbers is None:
            sync.reply("clarification", ask, now)
        else:
            for text in sync.asks(ask.to):
                text.is_resolved = True
            self.answer(sync, ask.to, numbers, now)

    def answer(self, sync: Sync, name: str, numbers: frozenset[int], now: datetime) -> None:
        """Somebody's answer is written, whoever writes it; the last one wins."""
        sync.answers[name] = numbers
        told = any(text.type == "goal_met" for text in sync.texts)
        if sync.status == "running" and sync.goal_is_met(now) and not told:
            sync.pause_at = min(sync.pause_at or now, now)

    def remind_again(self, sync: Sync, now: datetime) -> None:
        """The organizer decides to, and what asked them what to do is settled."""
        for text in sync.texts:
            text.is_resolved = text.is_resolved or text.type in ("pause_summary", "goal_met")
        self.remind(sync, now)

    def remind(self, sync: Sync, now: datetime) -> None:
        """A paused one begins to run again, with a reminder at once."""
        sync.status = "running"
        sync.reminder_at = now

    def invite(self, sync: Sync, number: int) -> None:
        """One option is chosen."""
        sync.chosen = number
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
        if sync.pause_at is None or not sync.goal_is_met(now):
            sync.pause_at = max(sync.pause_at or now, now + DAY)

    def _pause(self, sync: Sync, now: datetime) -> None:
        sync.pause_at = None
        if sync.is_past(now):
            sync.leave("stopped")
            return
        sync.leave("paused")
        sync.texts.append(Text("goal_met" if sync.goal_is_met(now) else "pause_summary", ORGANIZER))

    def _end(self, sync: Sync, now: datetime) -> None:
        sync.leave("stopped")

    def _send(self, sync: Sync, text: Text, later: list[Text], now: datetime) -> None:
        asks_about_times = text.type in ("initial", "reminder", "invite", "clarification")
        if (
            sync.status not in STATES[text.type]
            or (text.type == "reminder" and text.to in sync.answers)
            or (asks_about_times and sync.is_past(now))
            or text.to in self.stopped
            or (text.to == ORGANIZER and text.is_resolved)
            or (text.type not in ("initial", *AT_ONCE) and any((t.type, t.to) == (text.type, text.to) for t in later))
        ):
            text.status = "canceled"
        elif text.type == "initial" and sync.status == "paused":
            pass  # it waits for the sync to go on
        elif (text.answers is not None and now <= text.answers + JUST_NOW) or 9 <= now.astimezone(NEW_YORK).hour < 20:
            text.status, text.sent_at = "sent", now
        else:
            text.held_until = next_morning(now)


def next_morning(now: datetime) -> datetime:
    """When the last of the held texts have left: twenty minutes past nine."""
    local = now.astimezone(NEW_YORK)
    today = local.replace(hour=9, minute=20, second=0, microsecond=0)
    return today if local < today else today + timedelta(days=1)
