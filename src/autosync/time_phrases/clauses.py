"""Puts the words about days and about hours together: which hours belong to which days.

`Clauses.add_day` and `add_hours` take them in the order of the phrase, each with what joins it to the one before. Hours
belong to all days of the list before them; a list goes on after "or" until hours end it. Where two ways to put them
together remain, AskBack is raised.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autosync.time_phrases.asking import AskBack, Span, instead, quoted
from autosync.time_phrases.days import Dates, DayWords, Period
from autosync.time_phrases.expressions import DayExpression, may_stand_beside
from autosync.time_phrases.hours import After, AnyTime, At, Before, HourWords, Part, Stretch
from autosync.time_phrases.lexicon import MONTHS
from autosync.time_phrases.tokens import Cursor

JOINS = ("", ",", "-", "and", "or")
"""What may stand between two words, the weakest first."""


@dataclass(slots=True)
class Clause:
    """Days, and the hours that are meant on each of them: groups are alternatives, the words in a group narrow.

    `after_comma`: a number that only a comma joins to the hours before it, until an "or" follows.
    """

    days: list[DayExpression] = field(default_factory=list)
    groups: list[list[HourWords]] = field(default_factory=list)
    days_came_last: bool = False
    after_comma: At | None = None

    @property
    def last_words(self) -> HourWords:
        """The last ones about hours."""
        return self.groups[-1][-1]

    @property
    def is_habit(self) -> bool:
        """Whether its hours need no day: "evenings"."""
        return bool(self.groups) and all(map(_is_habit, self.groups))


def _is_habit(group: list[HourWords]) -> bool:
    return any(isinstance(words, Part) and words.many for words in group)


class Clauses:
    """The alternatives of a phrase, as they are read."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.all: list[Clause] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said yet."""
        return not self.all

    @property
    def is_open(self) -> bool:
        """Whether what was said last is any day, or any time: what an exception is likely to follow."""
        clause = self._current()
        any_day = any(len(words.days) == 7 for day in clause.days for words in day.weekdays)
        return any_day or any(isinstance(words, AnyTime) for group in clause.groups for words in group)

    def add_day(self, words: DayWords, join: str) -> None:
        """Puts days to the clause that they belong to."""
        clause = self._current()
        if not clause.days:
            self._first_days(clause, words, join)
        elif not clause.groups:
            self._more_days(clause, words, join)
        elif not join or join == ",":
            self._days_after_hours(clause, words, join)
        elif join == "-":
            raise AskBack(f"What lies between {self._between(clause.last_words.span, words.span)} is not clear.")
        elif clause.days_came_last:
            self._no_shared_days(clause.days[-1], words)
            self._append(clause, words)
        else:
            self._no_shared_days(clause.days[-1], words)
            self._begin(words)

    def add_hours(self, words: HourWords, join: str) -> None:
        """Puts hours to the clause that they belong to."""
        clause = self._current()
        if not clause.groups:
            if join in ("or", "and") and clause.days:
                self._hours_instead_of_days(words)
            else:
                clause.groups.append([words])
        elif clause.days_came_last:
            self._hours_of_another_clause(clause, words, join)
        elif _narrows(clause.last_words, words, join):
            clause.groups[-1].append(words)
        elif join == "and" and (type(clause.last_words) is not type(words) or isinstance(words, At)):
            raise AskBack(f"What {self._between(clause.last_words.span, words.span)} mean together is not clear.")
        elif join in ("", "-"):
            raise AskBack(f"{self._between(clause.last_words.span, words.span)} contradict each other: which is meant?")
        else:
            clause.after_comma = words if join == "," and isinstance(words, At) and words.clock.naked else None
            clause.groups.append([words])

    def check_lists(self) -> None:
        """Raises AskBack for a number that could be anything: "7pm, 8"."""
        for clause in self.all:
            if clause.after_comma is not None:
                raise AskBack(f"Is {quoted(self._cursor.text, clause.after_comma.span)} a time? Write it as 8pm.")

    def _current(self) -> Clause:
        if not self.all:
            self.all.append(Clause())
        return self.all[-1]

    def _begin(self, words: DayWords) -> None:
        self.all.append(Clause())
        self._append(self.all[-1], words)

    def _append(self, clause: Clause, words: DayWords) -> None:
        expression = DayExpression(words.span)
        expression.take(words)
        clause.days.append(expression)

    def _first_days(self, clause: Clause, words: DayWords, join: str) -> None:
        """Hours were said before them, or nothing."""
        if clause.groups and join in ("or", "and"):
            if not clause.is_habit:
                span = clause.last_words.span
                raise AskBack(f"On which day is {quoted(self._cursor.text, span)} meant?")
            self._begin(words)
            return
        clause.days_came_last = bool(clause.groups)
        self._append(clause, words)

    def _more_days(self, clause: Clause, words: DayWords, join: str) -> None:
        last = clause.days[-1]
        if join in ("or", "and"):
            self._no_shared_part(last, words)
            self._no_shared_days(last, words)
            self._append(clause, words)
            return
        if join == "-":
            raise AskBack(f"What lies between {self._between(last.span, words.span)} is not clear.")
        if join == "," and not may_stand_beside(last, words):
            if isinstance(words, Period) and last.period and last.period.meets(words):
                raise AskBack(f"What {self._between(last.span, words.span)} mean together is not clear.")
            self._append(clause, words)
            return
        before = last.span
        if not last.take(words):
            if isinstance(words, Period) or self._cursor.text[before[1] : words.span[0]].strip(" ,;"):
                raise AskBack(f"{self._between(before, words.span)} contradict each other: which is meant?")
            self._append(clause, words)

    def _no_shared_part(self, last: DayExpression, words: DayWords) -> None:
        """The first week of December or January: the first week of both?"""
        text = self._cursor.text
        before, month = text[slice(*last.span)].replace("-", " ").split(), text[slice(*words.span)]
        if isinstance(words, Period) and month.lower() in MONTHS and len(before) > 1 and before[-1].lower() in MONTHS:
            whole = f"{month} {words.first.day} to {words.last.day}"
            shared = f"{' '.join(before[:-1])} {month}"
            said = self._between(last.span, words.span)
            raise AskBack(f"Is the same part of both months meant by {said}?", instead(text, words.span, shared, whole))

    def _no_shared_days(self, last: DayExpression, words: DayWords) -> None:
        """Tuesday next week or the week after next: its Tuesday, or any day of it?"""
        if isinstance(words, Period) and last.period is not None and last.weekdays:
            said = self._between(last.span, words.span)
            raise AskBack(f"Which days of the second are meant by {said}? Say the days with both.")

    def _days_after_hours(self, clause: Clause, words: DayWords, join: str) -> None:
        """Tuesday evening next week; evenings on Tuesday or Wednesday next week; Tuesday evening, Wednesday morning."""
        last = clause.days[-1]
        is_date = isinstance(words, Dates) and len(words.dates) == 1 and last.dates is None
        narrows = isinstance(words, Period) or is_date
        if clause.days_came_last and join == ",":
            self._more_days(clause, words, join)
        elif narrows and may_stand_beside(last, words) and last.take(words):
            return
        elif join == ",":
            self._begin(words)
        elif not (clause.days_came_last and last.take(words)):
            raise AskBack(f"What {self._between(last.span, words.span)} mean together is not clear.")

    def _hours_instead_of_days(self, words: HourWords) -> None:
        if not (isinstance(words, Part) and words.many):
            raise AskBack(f"On which day is {quoted(self._cursor.text, words.span)} meant?")
        self.all.append(Clause(groups=[[words]]))

    def _hours_of_another_clause(self, clause: Clause, words: HourWords, join: str) -> None:
        """Evenings next week or mornings; 7pm Friday or 8pm Saturday."""
        if join in ("or", "and"):
            self.all.append(Clause(groups=[[words]]))
        elif _is_alternative(clause.last_words, words, "," if len(clause.days) > 1 else join) or join == "-":
            raise AskBack(f"What {self._between(clause.last_words.span, words.span)} mean together is not clear.")
        else:
            clause.groups[-1].append(words)

    def _between(self, a: Span, b: Span) -> str:
        return f"{quoted(self._cursor.text, a)} and {quoted(self._cursor.text, b)}"


def _narrows(before: HourWords, words: HourWords, join: str) -> bool:
    """Whether the words say more of the hours before them: "evening, after 7", "after 6 and before 9"."""
    if join == "and":
        return {type(before), type(words)} == {After, Before}
    return join in ("", ",", "-") and not _is_alternative(before, words, join)


def _is_alternative(before: HourWords, words: HourWords, join: str) -> bool:
    """Whether such words, side by side, do not narrow each other."""
    if isinstance(before, Part) and isinstance(words, Part):
        return join == ","
    both = (type(before), type(words))
    return both in ((At, At), (Stretch, Stretch), (At, Stretch), (Stretch, At), (After, After), (Before, Before))
