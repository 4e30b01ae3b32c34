"""Words that name the same days together: "Tuesday" and "next week", "Friday" and "December 4".

`DayExpression.take` adds words that narrow it; `may_stand_beside` says whether words after a comma can do that.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autosync.time_phrases.asking import Span
from autosync.time_phrases.days import Dates, DayWords, Period, Weekdays


@dataclass(slots=True)
class DayExpression:
    """Words that name the same days together: "Tuesday" and "next week"."""

    span: Span
    dates: Dates | None = None
    weekdays: list[Weekdays] = field(default_factory=list)
    period: Period | None = None
    period_came_first: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a weekday only, that could be this week's or a later one's."""
        return self.dates is None and self.period is None and len(self.weekdays) == 1 and not self.weekdays[0].many

    def take(self, words: DayWords) -> bool:
        """Whether the words narrow this expression, and are now part of it."""
        if isinstance(words, Dates):
            if self.dates is not None:
                return False
            self.dates = words
        elif isinstance(words, Period):
            if self.period is not None:
                return False
            self.period, self.period_came_first = words, not self.weekdays and self.dates is None
        elif self.weekdays and not _narrow_each_other(self.weekdays[-1], words):
            return False
        else:
            self.weekdays.append(words)
        self.span = (min(self.span[0], words.span[0]), max(self.span[1], words.span[1]))
        return True


def may_stand_beside(last: DayExpression, words: DayWords) -> bool:
    """Whether after a comma the words say more of the same days: "Friday, next week", "next week, Tuesday"."""
    if isinstance(words, Period):
        if last.dates is not None:
            return last.period is None and all(words.first <= day <= words.last for day in last.dates.dates)
        return last.period is None and bool(last.weekdays) and not any(day.own for day in last.weekdays)
    if isinstance(words, Weekdays):
        named = last.dates is not None and len(last.dates.dates) == 1
        return last.period is not None or named if not last.weekdays else _narrow_each_other(last.weekdays[-1], words)
    inside = last.period is not None and all(last.period.first <= day <= last.period.last for day in words.dates)
    return last.dates is None and (inside if last.period is not None else bool(last.weekdays))


def _narrow_each_other(before: Weekdays, words: Weekdays) -> bool:
    """Whether side by side they name one day, as "this weekend Saturday", or any of a kind."""
    inside = set(words.days) < set(before.days) or set(before.days) < set(words.days)
    return inside or before.many != words.many
