"""How pages for organizers say things: states, jobs, texts, moments and numbers of people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from autosync import texts
from autosync.database.looks import TextLine
from autosync.explanations import MessageStatus, presentable
from autosync.model import JobType, MessageType, ResponseGoal, SyncStatus

NAMELESS = "Somebody without a name"

STATES = {
    SyncStatus.RUNNING: "Collecting answers",
    SyncStatus.PAUSED: "Waiting for you",
    SyncStatus.COMPLETED: "Invites sent",
    SyncStatus.STOPPED: "Ended",
}

GOALS = {
    ResponseGoal.EVERYONE: "You hear as soon as everyone has answered.",
    ResponseGoal.CRITICAL_MASS: "You hear as soon as one time works for more than half.",
}

_NEXT = {
    JobType.REMINDER: "A reminder to whoever has not answered",
    JobType.PAUSE_CHECK: "Your summary; then it waits for you",
    JobType.AUTO_END: "It ends by itself",
}

_TYPES = {
    MessageType.INITIAL: "First text",
    MessageType.REMINDER: "Reminder",
    MessageType.INVITE: "Invite",
    MessageType.CLARIFICATION: "Question back",
    MessageType.LATE_ANSWER: "Thanks for a late answer",
    MessageType.STARTED: "Your confirmation",
    MessageType.REMINDER_UPDATE: "Your news of the reminder",
    MessageType.PAUSE_SUMMARY: "Your summary",
    MessageType.GOAL_MET: "Your news of the goal",
    MessageType.CHOOSE_OPTION: "Your choice of a time",
    MessageType.CONFIRM_STOP: "Your second thought",
    MessageType.STATUS: "How your plans stand",
    MessageType.HELP: "Help",
}

TEXT_STATES = {
    MessageStatus.QUEUED: "waiting",
    MessageStatus.SENDING: "leaving",
    MessageStatus.SENT: "sent",
    MessageStatus.DELIVERED: "delivered",
    MessageStatus.FAILED: "failed",
    MessageStatus.UNKNOWN: "unclear",
    MessageStatus.CANCELED: "not sent",
}


def people(count: int) -> str:
    """`1 person`, `8 people`."""
    return "1 person" if count == 1 else f"{count:,} people"


def named(names: Sequence[str], most: int = 3) -> str:
    """`Ann, Ben and 4 more`."""
    shown = [texts.clean(name, otherwise=NAMELESS) for name in names[:most]]
    rest = len(names) - len(shown)
    return listed([*shown, f"{rest:,} more"] if rest else shown)


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def length(span: timedelta) -> str:
    """A delay, such as `24 hours` or `5 minutes`."""
    minutes = round(span.total_seconds() / 60)
    if minutes % 60 or minutes < 60:
        return f"{minutes:,} minute{'' if minutes == 1 else 's'}"
    return f"{minutes // 60:,} hour{'' if minutes == 60 else 's'}"


def coming(job_type: str | None) -> str:
    """What a pending job will do; empty where there is none."""
    return "" if job_type is None else _NEXT[JobType(job_type)] if job_type in list(JobType) else job_type


def type_of(text: str) -> str:
    """What a text is for; another client's type as it wrote it."""
    return _TYPES[MessageType(text)] if text in list(MessageType) else text.replace("_", " ")


def fate(text: TextLine, now: datetime, timezone: str) -> str:
    """How far a text got, in one sentence."""
    reason = presentable(text.reason)
    because = f": {reason}" if reason else "."
    at = texts.moment_shown(text.at, timezone) if text.at else "at a time that nobody noted"
    match text.status:
        case MessageStatus.QUEUED if text.send_after and text.send_after > now:
            return f"Held until {texts.moment_shown(text.send_after, timezone)}{because}"
        case MessageStatus.QUEUED:
            return f"Waiting to leave{because}"
        case MessageStatus.SENDING:
            return "Leaving just now."
        case MessageStatus.SENT:
            return f"Sent {at}{because}"
        case MessageStatus.DELIVERED:
            return f"Delivered; sent {at}."
        case MessageStatus.FAILED:
            return f"Failed{because}"
        case MessageStatus.UNKNOWN:
            return f"Nobody knows yet whether it left{because}"
        case MessageStatus.CANCELED:
            return f"Not sent{because}"
