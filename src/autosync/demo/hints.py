"""What a visitor of the demo could try next, one thing at a time, as the story stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from autosync import texts
from autosync.demo.cast import CREW, ORGANIZER
from autosync.model import JobType, MessageType, Sync, SyncStatus

ENOUGH_ANSWERS = 2
"""After so many the visitor has seen how answering goes, and the others are left for the reminder."""

READY = (
    ("Board game night", "Luna Cafe", ((9, 18, 20), (10, 18, 20), (11, 14, 17))),
    ("Sunday hike", "Bear Mountain", ((12, 9, 13), (13, 9, 13))),
    ("Dinner at Maya's", "Maya's place", ((5, 19, 22), (6, 19, 22), (8, 19, 22))),
)
"""Plans that can be started with one click, one after the other: event, place, times."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What has happened, what to try, and a button that does it: its label, where it posts, and with which fields."""

    heading: str
    words: str
    button: str | None = None
    action: str = ""
    fields: tuple[tuple[str, str], ...] = ()


def hint(
    sync: Sync | None,
    *,
    started: int,
    waiting: frozenset[JobType],
    asked_maya: MessageType | None,
    is_night: bool = False,
) -> Hint:
    """The next thing to try.

    `sync`: the newest; `started`: how many there have been; `waiting`: types of its pending jobs; `asked_maya`: which
    text of those that ask for a choice came to Maya last; `is_night`: nobody is texted at this hour.
    """
    if sync is None or sync.status.is_final:
        return _start(sync, started)
    if is_night:
        return _wait_for_morning()
    if sync.status is SyncStatus.PAUSED:
        return _decide(sync, asked_maya)
    answered = sum(invitee.answer is not None for invitee in sync.invitees)
    if JobType.REMINDER in waiting:
        return _answer(sync) if answered < ENOUGH_ANSWERS else _to_the_reminder(len(sync.invitees) - answered)
    return _to_the_summary()


def _start(sync: Sync | None, started: int) -> Hint:
    event, place, _ = READY[started % len(READY)]
    if sync is None:
        heading, before = f"{ORGANIZER} wants to get five friends together.", ""
    elif sync.status is SyncStatus.COMPLETED:
        heading = "Everybody knows when."
        before = "Every invite went out once; the jobs that were left were skipped, and say why. "
    else:
        heading, before = "This one is over.", "Nobody is texted about it any more. "
    words = f"{before}Start {event} at {place}, and everybody's phone gets one text with the times to choose from."
    return Hint(heading, words, f"Start {event}", "/demo/start")


def _wait_for_morning() -> Hint:
    words = (
        "Nobody is texted between eight in the evening and nine in the morning: texts wait, and say so. A day is five"
        " minutes here, so this plan will have paused by then; another one can begin at ten in the morning."
    )
    return Hint("It is night.", words, "Start over in the morning", "/demo/over")


def _answer(sync: Sync) -> Hint:
    silent = next((name for name in CREW if name in _silent(sync)), None)
    words = "Answer as anyone: type on a phone, such as “1 and 3 work”, or open the link in the text."
    if silent is None:
        return Hint("Nobody is left to ask.", "Move the clock, and see what happens.", *_the_next_job())
    return Hint("Everybody has been asked.", words, f"Let {silent} answer", "/demo/answer", (("who", silent),))


def _silent(sync: Sync) -> set[str]:
    return {invitee.name.split()[0] for invitee in sync.invitees if invitee.answer is None and not invitee.opted_out}


def _to_the_reminder(silent: int) -> Hint:
    who = "1 friend has" if silent == 1 else f"{silent} friends have"
    words = f"{who} not answered. After a day, here five minutes, they get one reminder. Nobody else is bothered."
    return Hint("Now let time pass.", words, *_the_next_job())


def _to_the_summary() -> Hint:
    words = (
        f"After two days, here ten minutes, it pauses, and {ORGANIZER} gets a summary. As soon as one time works for"
        f" more than half, she gets it at once: let somebody else answer."
    )
    return Hint("The reminder is out.", words, *_the_next_job())


def _the_next_job() -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return "To the next job", "/demo/clock", (("ahead", "next"),)


def _decide(sync: Sync, asked_maya: MessageType | None) -> Hint:
    if asked_maya is MessageType.CHOOSE_OPTION:
        able = texts.counts(sync)
        best = max(sync.options, key=lambda option: (able[option.id], -option.number)).number
        words = f"Answer with the number of the time. {best} works for most."
        return Hint("Which time?", words, *_maya_texts(str(best)))
    if asked_maya is MessageType.CONFIRM_STOP:
        return Hint("Sure?", "Stopping is final. Do as her text says, or remind everybody instead.", *_maya_texts("1"))
    words = (
        "Nothing decides for her. On her phone 1 reminds whoever is silent, 2 sends invites, 3 stops. Answers still"
        " count meanwhile."
    )
    return Hint(f"It is {ORGANIZER}'s turn.", words, *_maya_texts("2"))


def _maya_texts(words: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    return f"Let {ORGANIZER} text {words}", "/demo/say", (("who", ORGANIZER), ("words", words))
