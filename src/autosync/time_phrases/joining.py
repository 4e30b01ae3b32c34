"""What words about hours mean together: "evening after 7", "after 6 before 9", "Friday night 10-1", "7 or 8pm".

`hours_of(cursor, groups)` gives one Hours for each group; the words in a group narrow each other, the groups are
alternatives. Raises AskBack where a time could be in either half of the day, or where words contradict each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clocks import MIDNIGHT, Clock, ask_which_half, clock_written, minutes_of
from autosync.time_phrases.days import DAY, months_later, written
from autosync.time_phrases.hours import After, AnyTime, At, Before, HourWords, Part, Stretch
from autosync.time_phrases.lexicon import WEEKDAYS
from autosync.time_phrases.stretching import ends_of
from autosync.time_phrases.tokens import Cursor

Group = Sequence[HourWords]

_OPENS, _CLOSES = 8 * 60, 22 * 60
"""Where a day begins and ends for "before 10" and "after 6"."""
_AT_LEAST = 3 * 60
"""How much time such words leave, if the day has it."""
_SMALL_HOURS = 4 * 60
_NEAR = 6 * 60
"""How far apart times may be of which one tells the half of the day of the other."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes since the day's midnight; `ends` may be beyond the next one. `fixed`: one time, not a window.

    `given`: asked for; else only what is left of a whole day.
    """

    begins: int
    ends: int | None
    fixed: bool = False
    given: bool = True

    @property
    def order(self) -> tuple[int, int]:
        """By which they are sorted."""
        return self.begins, self.begins if self.ends is None else self.ends


WAKING = Hours(_OPENS, _CLOSES)
"""What is meant where no hours are said, but others are said beside it."""
WHOLE_DAY = Hours(0, MIDNIGHT, given=False)


def hours_of(cursor: Cursor, groups: Sequence[Group]) -> tuple[Hours | None, ...]:
    """One for each group or more, None for "any time"."""
    found: list[Hours | None] = []
    part: Part | None = None
    for group in _without_naked(cursor, groups):
        parts = [words for words in group if isinstance(words, Part)]
        part = _common_part(cursor, parts) if parts else part
        without = [each for words in group if isinstance(words, AnyTime) for each in words.without]
        if not without:
            found.append(_of_group(cursor, group, part, bool(parts)))
        elif len(group) > 1:
            raise AskBack("Say either which hours would do, or which would not.")
        else:
            found += _rest_of_day(cursor, without)
    return tuple(found)


def _rest_of_day(cursor: Cursor, without: Sequence[Stretch]) -> list[Hours]:
    rests = [WHOLE_DAY]
    for stretch in without:
        rests = [left for rest in rests for left in less(rest, *ends_of(cursor, stretch, None))]
    return rests


def less(hours: Hours, begins: int, ends: int) -> list[Hours]:
    """What is left of a window without these minutes."""
    if hours.ends is None or hours.ends <= begins or hours.begins >= ends:
        return [hours]
    rests = [replace(hours, ends=begins), replace(hours, begins=ends)]
    return [rest for rest in rests if rest.ends is not None and rest.begins < rest.ends]


def _of_group(cursor: Cursor, group: Group, part: Part | None, has_part: bool) -> Hours | None:
    clocks = [words for words in group if not isinstance(words, Part | AnyTime)]
    if not clocks:
        if not has_part or part is None:
            return None
        begins, ends = _common_hours(cursor, [words for words in group if isinstance(words, Part)])
        return Hours(begins, ends)
    if len(clocks) == 2 and isinstance(clocks[0], After | Before) and isinstance(clocks[1], After | Before):
        return _both_ends(cursor, clocks, part)
    if len(clocks) > 1:
        span = (min(words.span[0] for words in clocks), max(words.span[1] for words in clocks))
        raise AskBack(f"{quoted(cursor.text, span)} names more than one time: which one is meant?")
    return _of_clock(cursor, clocks[0], part)


def _of_clock(cursor: Cursor, words: HourWords, part: Part | None) -> Hours:
    if isinstance(words, Stretch):
        begins, ends = ends_of(cursor, words, part)
        return Hours(begins, ends, fixed=not words.window)
    if isinstance(words, At):
        return Hours(_minutes(cursor, words.clock, part), None, fixed=True)
    if isinstance(words, After):
        begins = _minutes(cursor, words.clock, part)
        if words.limit and part is None:
            return replace(WHOLE_DAY, begins=begins)
        closes = part.hours[1] if part else _CLOSES
        return Hours(max(begins, part.hours[0]) if part else begins, max(closes, min(begins + _AT_LEAST, MIDNIGHT)))
    if isinstance(words, Before):
        ends = MIDNIGHT if words.clock.midnight else _minutes(cursor, words.clock, part)
        if words.limit and part is None:
            return replace(WHOLE_DAY, ends=ends)
        begins = min(part.hours[0] if part else _OPENS, max(ends - _AT_LEAST, 0))
        begins = part.hours[0] if part and part.hours[0] < ends else begins
        return Hours(begins, min(ends, part.hours[1]) if part and begins < part.hours[1] else ends)
    raise AssertionError(words)


def _both_ends(cursor: Cursor, clocks: Sequence[HourWords], part: Part | None) -> Hours:
    after = next((words for words in clocks if isinstance(words, After)), None)
    before = next((words for words in clocks if isinstance(words, Before)), None)
    if after is None or before is None:
        raise AskBack(f"{quoted(cursor.text, clocks[1].span)} says once more what was said before: which one is meant?")
    span = (min(after.span[0], before.span[0]), max(after.span[1], before.span[1]))
    begins, ends = ends_of(cursor, Stretch(after.clock, before.clock, span, window=True), part)
    return Hours(begins, ends, given=not (after.limit and before.limit) or part is not None)


def _minutes(cursor: Cursor, clock: Clock, part: Part | None) -> int:
    """The minute of the day, with the part of the day to tell which half."""
    if clock.midnight:
        raise AskBack("Midnight begins and ends a day: write it with its date, as 2026-12-19 00:00.")
    if part is None:
        return minutes_of(cursor, clock)
    lowest, highest = part.belt
    ways = [clock.minutes] if clock.known else [clock.early, clock.late]
    fitting = [way for way in ways if lowest <= way < highest]
    if not fitting:
        said = quoted(cursor.text, clock.span)
        if min(ways) < _SMALL_HOURS and highest == MIDNIGHT:
            raise AskBack(f"In which night is {said}? Name the day that it is on, as Saturday 1am.")
        raise AskBack(f"{said} is not in the {part.name}: which one is meant?")
    if len(fitting) > 1:
        ask_which_half(cursor, clock)
    return fitting[0]


def _common_part(cursor: Cursor, parts: Sequence[Part]) -> Part:
    _common_hours(cursor, parts)
    return parts[-1]


def _common_hours(cursor: Cursor, parts: Sequence[Part]) -> tuple[int, int]:
    begins, ends = max(part.hours[0] for part in parts), min(part.hours[1] for part in parts)
    if begins >= ends:
        span = (min(part.span[0] for part in parts), max(part.span[1] for part in parts))
        raise AskBack(f"{quoted(cursor.text, span)} names parts of the day that never meet: which one is meant?")
    return begins, ends


def _without_naked(cursor: Cursor, groups: Sequence[Group]) -> list[Group]:
    """A bare number is a time after a part of the day, or beside another time ("7 or 8pm"); else it is asked about."""
    clocks = [words.clock for group in groups for words in group if isinstance(words, At)]
    parts = [words for group in groups for words in group if isinstance(words, Part)]
    dressed = any(not clock.naked for clock in clocks)
    for clock in clocks:
        counts = any(not cursor.text[clock.span[1] : part.span[0]].strip() for part in parts if clock.span < part.span)
        if clock.naked and (counts or not (dressed or parts)):
            _ask_naked(cursor, clock)
    if parts or len(clocks) < 2:
        return list(groups)
    settled = dict(zip(clocks, _one_after_another(cursor, clocks), strict=True))
    return [[replace(words, clock=settled[words.clock]) if isinstance(words, At) else words for words in group]
            for group in groups]  # fmt: skip


def _one_after_another(cursor: Cursor, clocks: Sequence[Clock]) -> list[Clock]:
    """The half of the day that is said with one of them tells that of the others: "7 or 8pm", "10am, 2 or 4"."""
    found: list[Clock] = []
    for n, clock in enumerate(clocks):
        following = next((each for each in clocks[n + 1 :] if each.known), None)
        ways = [clock.early, clock.late]
        if clock.known:
            minutes = clock.minutes
        elif found:
            minutes = min(ways, key=lambda way: (way - found[-1].minutes - 1) % MIDNIGHT)
            _check_near(cursor, clock, minutes - found[-1].minutes)
        elif following is not None:
            minutes = min(ways, key=lambda way: (following.minutes - way - 1) % MIDNIGHT)
            _check_near(cursor, clock, following.minutes - minutes)
        else:
            minutes = minutes_of(cursor, clock)
        found.append(replace(clock, minutes=minutes, known=True))
    return found


def _check_near(cursor: Cursor, clock: Clock, apart: int) -> None:
    """Raises AskBack if the times are not one soon after the other."""
    if not 0 < apart <= _NEAR:
        ask_which_half(cursor, clock)


def _ask_naked(cursor: Cursor, clock: Clock) -> None:
    shown = clock_written(clock.minutes)
    if clock.known:
        choices: tuple[str, ...] = (f"at {clock.minutes // 60:02}:00",)
    elif clock.minutes < 8 * 60 or clock.minutes >= MIDNIGHT // 2:
        choices = (f"at {clock_written(clock.late)}",)
    else:
        choices = (f"at {shown.removesuffix(' AM')}am", f"at {shown.removesuffix(' AM')}pm")
    said = quoted(cursor.text, clock.span)
    before = cursor.text[: clock.span[0]].lower().split()[-1:]
    day = cursor.today + (clock.minutes // 60 - cursor.today.day) * DAY
    day = day if day >= cursor.today else months_later(day, 1) + (day.day - 1) * DAY
    if before and WEEKDAYS.get(before[0]) == day.weekday():
        choices += (f"{day.day}th" if 3 < day.day < 21 else written(day, cursor.today, weekday=False),)
    raise AskBack(f"Is {said} a time of day? Write it as 6pm or 18:00.", instead(cursor.text, clock.span, *choices))
