"""The demo tells the whole story and notices when it goes wrong."""

from __future__ import annotations

from commands import autosync


def test_the_headless_demo_plays_the_whole_story_and_ends_well() -> None:
    ran = autosync("demo", "--headless")

    assert ran.code == 0, ran.out + ran.err
    for step in (
        "text initial sent to Ann, Ben, Chloé, Dev, Eli",
        "text reminder sent to Chloé, Dev, Eli",
        "text pause_summary sent to Maya",
        "Maya reminds again",
        "text goal_met sent to Maya",
        "text invite sent to Ann, Ben, Chloé, Dev, Eli",
        "job reminder_24h skipped: The sync was stopped before this job was due.",
    ):
        assert step in ran.out, step
    assert "✘" not in ran.out
    assert ran.err == ""
