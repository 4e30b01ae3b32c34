"""The timings in force, and the clock. Pure: `judge(profiles, demo_expected=...)` gives findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autosync.database.clock import PROFILES, Profile
from autosync.doctor.findings import Finding, ok, span, warning, wrong

AREA = "timings"


def judge(profiles: Sequence[Profile], *, demo_expected: bool) -> Iterator[Finding]:
    """Whether syncs take the time that people are told. `demo_expected`: this database is a demo on purpose."""
    active = next((profile for profile in profiles if profile.active), None)
    if active is None:
        yield warning(AREA, "No timings are active, so production's hold.", "Run `autosync timings production`.")
        return
    delays = f"a reminder after {span(active.timings.reminder_delay)}, a pause after {span(active.timings.pause_delay)}"
    moved = f", and the clock is {span(active.clock_offset)} ahead" if active.clock_offset else ""
    if active.name == "demo" and not demo_expected:
        what = f"Demo timings are active: {delays}{moved}. Real people would be texted within minutes."
        yield wrong(AREA, what, "Run `autosync timings production`.")
    elif active.name != "demo" and active.clock_offset:
        what = f"The clock of the profile {active.name} is {span(active.clock_offset)} ahead of the server's."
        yield wrong(AREA, what, "Run `update public.auto_sync_settings set clock_offset = '0' where active;`.")
    elif active.timings.pause_delay <= active.timings.reminder_delay:
        what = f"The {active.name} timings pause a sync before, or as, it is reminded: {delays}."
        yield wrong(AREA, what, f"Run `{_put_right(active.name)}`.")
    elif active.name == "production" and active.timings != PROFILES["production"]:
        yield warning(
            AREA,
            f"Production's timings are not the usual 24 and 48 hours: {delays}.",
            f"If that is not meant, run `{_put_right(active.name)}`.",
        )
    else:
        yield ok(AREA, f"The {active.name} timings are active: {delays}{moved}.")


def _put_right(name: str) -> str:
    usual = PROFILES[name]
    reminder, pause = (f"{delay.total_seconds():.0f} seconds" for delay in (usual.reminder_delay, usual.pause_delay))
    delays = f"reminder_delay = '{reminder}', pause_delay = '{pause}'"
    return f"update public.auto_sync_settings set {delays} where profile = '{name}';"  # noqa: S608 - shown, not run
