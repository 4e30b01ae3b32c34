"""What the demo's friends say is read as an answer, and there is always one thing to try next."""

from __future__ import annotations

import pytest

from autosync.demo import friends
from autosync.demo.cast import CREW
from autosync.demo.hints import READY, hint
from autosync.model import JobType, MessageType, Sync, SyncStatus
from autosync.replies import Kind, read_reply
from samples import make_sync


@pytest.mark.parametrize("options", [1, 2, 3])
@pytest.mark.parametrize("name", CREW)
def test_whatever_a_friend_says_is_an_answer_with_options_that_are_there(name: str, options: int) -> None:
    said = [friends.says(name, options=options, answered=before) for before in range(3)]
    readings = [read_reply(words, option_count=options) for words in said]
    assert said[0] == said[2] != said[1]
    assert {reading.kind for reading in readings} <= {Kind.OPTIONS, Kind.NONE}, said
    assert all(set(reading.options) <= set(range(1, options + 1)) for reading in readings)


ALL_JOBS = frozenset({JobType.REMINDER, JobType.AUTO_END})
REMINDED = frozenset({JobType.PAUSE_CHECK, JobType.AUTO_END})
PAUSED = SyncStatus.PAUSED


@pytest.mark.parametrize(
    ("sync", "waiting", "asked", "button"),
    [
        (None, frozenset(), None, f"Start {READY[0][0]}"),
        (make_sync(None, None, None), ALL_JOBS, None, "Let Ann answer"),
        (make_sync([1], None, None), ALL_JOBS, None, "Let Ben answer"),
        (make_sync([1], [], None), ALL_JOBS, None, "To the next job"),
        (make_sync([1], [], None), REMINDED, None, "To the next job"),
        (make_sync([1], [], None, status=PAUSED), frozenset(), MessageType.PAUSE_SUMMARY, "Let Maya text 2"),
        (make_sync([2], [2, 1], status=PAUSED), frozenset(), MessageType.CHOOSE_OPTION, "Let Maya text 2"),
        (make_sync([1], [2, 1], status=PAUSED), frozenset(), MessageType.CHOOSE_OPTION, "Let Maya text 1"),
        (make_sync([1], status=PAUSED), frozenset(), MessageType.CONFIRM_STOP, "Let Maya text 1"),
        (make_sync([1], status=SyncStatus.COMPLETED), frozenset(), None, f"Start {READY[1][0]}"),
        (make_sync([1], status=SyncStatus.STOPPED), frozenset(), None, f"Start {READY[1][0]}"),
    ],
)
def test_the_hint_follows_the_story(
    sync: Sync | None, waiting: frozenset[JobType], asked: MessageType | None, button: str
) -> None:
    shown = hint(sync, started=int(sync is not None), waiting=waiting, asked_maya=asked)
    assert shown.button == button
    assert shown.heading
    assert shown.action.startswith("/demo/")


@pytest.mark.parametrize("status", [SyncStatus.RUNNING, PAUSED])
def test_at_night_the_hint_says_that_texts_wait_and_offers_the_morning(status: SyncStatus) -> None:
    shown = hint(make_sync(None, None, status=status), started=1, waiting=ALL_JOBS, asked_maya=None, is_night=True)
    assert (shown.button, shown.action) == ("Start over in the morning", "/demo/over")
    assert "texts wait" in shown.words
