"""Reads a phrase from left to right: every word must be a day, an hour, a duration, a join, an exception or a filler.

`read_words(cursor)` gives the Words; what they come to on the calendar, `resolving` says. A word that is nothing of the
kind raises AskBack, and so does what would do if it comes after what would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from autosync.time_phrases.asking import AskBack, Span, instead, quoted
from autosync.time_phrases.clauses import JOINS, Clause, Clauses
from autosync.time_phrases.days import Dates, DayWords, Period, Weekdays
from autosync.time_phrases.durations import read_duration
from autosync.time_phrases.exceptions import Exclusion, read_days, read_exclusion
from autosync.time_phrases.hours import HourWords, Part, read_hours
from autosync.time_phrases.lexicon import (
    AND,
    EDGES,
    FILLER_PHRASES,
    FILLERS,
    HOLIDAYS,
    MONTHS,
    OR,
    PART_WORDS,
    TIME_ZONES,
    WEEKDAYS,
    WORKDAYS,
)
from autosync.time_phrases.spelling import looks_like, slip_in
from autosync.time_phrases.tokens import Cursor

_JOIN_OF = {
    **dict.fromkeys((",", ";", ":", "(", "but"), ","),
    "-": "-",
    **dict.fromkeys((*AND, "+"), "and"),
    **dict.fromkeys(OR, "or"),
}


@dataclass(slots=True)
class Words:
    """A phrase as it was put."""

    clauses: list[Clause]
    exclusions: list[Exclusion]
    duration: timedelta | None


def read_words(cursor: Cursor) -> Words:
    """All of the phrase. Raises AskBack for a word that is not understood."""
    return _Reader(cursor).read()


class _Reader:
    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._clauses = Clauses(cursor)
        self._exclusions: list[Exclusion] = []
        self._duration: timedelta | None = None
        self._join = ""
        self._joined_at: Span = (0, 0)

    def read(self) -> Words:
        slip = slip_in(self._cursor.text)
        if slip is not None:
            self._ask_whether(*slip)
        while not self._cursor.done:
            if not (self._take_join() or self._take_duration() or self._take_exclusion() or self._take_wanted()):
                self._take_filler()
        if self._join not in ("", ","):
            raise AskBack(f"What comes after {quoted(self._cursor.text, self._joined_at)}?")
        if self._clauses.is_empty:
            examples = ("this week", "next week")
            raise AskBack("Which days would do? Say it like next week evenings, or Friday 7pm.", examples)
        self._clauses.check_lists()
        return Words(self._clauses.all, self._exclusions, self._duration)

    def _take_join(self) -> bool:
        join = _JOIN_OF.get(self._cursor.text_ahead)
        if join is None:
            return False
        self._no_offset()
        self._join = max(self._join, join, key=JOINS.index)
        self._joined_at = self._cursor.ahead().span
        self._cursor.at += 1
        return True

    def _no_offset(self) -> None:
        """Raises AskBack for 19:00+01:00, and for 7:00:00."""
        cursor = self._cursor
        after = cursor.ahead(1)
        if cursor.text_ahead == ":" and cursor.ahead().glued and after.glued and after.kind in ("number", "clock"):
            said = quoted(cursor.text, (cursor.ahead(-1).span[0], after.span[1]))
            raise AskBack(f"Which time is {said}? Write it as 18:00 or 6pm.")
        if cursor.text_ahead == "+" and after.glued and after.kind in ("number", "clock"):
            said = quoted(cursor.text, (cursor.ahead().span[0], after.span[1]))
            raise AskBack(f"Is {said} a time zone? Say times as your own clock shows them.")

    def _joined(self) -> str:
        """What joins the words just read to those before."""
        join, self._join = self._join, ""
        if join in ("or", "and") and self._clauses.is_empty:
            raise AskBack(f"What comes before {quoted(self._cursor.text, self._joined_at)}?")
        return join

    def _take_duration(self) -> bool:
        start = self._cursor.at
        duration = read_duration(self._cursor)
        if duration is None:
            return False
        if self._duration not in (None, duration):
            said = quoted(self._cursor.text, self._cursor.span_since(start))
            raise AskBack(f"{said} is the second length that is said: which one is meant?")
        self._duration = duration
        return True

    def _take_exclusion(self) -> bool:
        start = self._cursor.at
        if read_hours(self._cursor) is not None:  # "not before 10" leaves nothing out
            self._cursor.at = start
            return False
        exclusion = read_exclusion(self._cursor)
        if exclusion is None:
            return False
        if self._clauses.is_empty:
            raise AskBack("Which days would do? Say them first, and then which of them would not.")
        self._exclusions.append(exclusion)
        self._join = ""
        return True

    def _take_wanted(self) -> bool:
        """Days and hours that would do."""
        if self._take_day_and_part():
            return True
        days = read_days(self._cursor)
        hours = read_hours(self._cursor) if days is None else None
        if days is None and hours is None:
            return False
        if self._exclusions:
            self._take_after_exclusion(days)
        elif days is not None:
            self._no_but_before_days()
            self._clauses.add_day(days, self._joined())
        elif hours is not None:
            self._no_but_before_hours(hours)
            self._clauses.add_hours(hours, self._joined())
        return True

    def _take_day_and_part(self) -> bool:
        """Words that name both a day and its hours: tonight, this morning, weeknights."""
        cursor, start = self._cursor, self._cursor.at
        part: Part | None = None
        if cursor.take("tonight", "tonite"):
            part = Part("night", cursor.span_since(start))
        elif cursor.take("weeknight", "weeknights"):
            part = Part("night", cursor.span_since(start), many=True)
        elif cursor.text_ahead == "this" and cursor.ahead(1).text in PART_WORDS:
            cursor.at += 2
            part = Part(PART_WORDS[cursor.ahead(-1).text], cursor.span_since(start))
        elif cursor.take_all("business", "hours") or cursor.take_all("office", "hours"):
            part = Part("business hours", cursor.span_since(start))
        elif not cursor.take_all("later", "today"):
            return False
        span = cursor.span_since(start)
        many = part is not None and part.many
        days: DayWords = Weekdays((0, 1, 2, 3), span, many=True) if many else Dates((cursor.today,), span)
        if part is not None and part.name == "business hours":
            days = Weekdays(WORKDAYS, span, many=True)
        if self._exclusions:
            self._take_after_exclusion(days)
        self._clauses.add_day(days, self._joined())
        if part is not None:
            self._clauses.add_hours(part, "")
        return True

    def _no_but_before_days(self) -> None:
        if self._is_after_but():
            other = "but only" if self._clauses.is_open else "or"
            choices = instead(self._cursor.text, self._joined_at, "except", other)
            raise AskBack('Does "but" leave days out, or add them?', choices)

    def _no_but_before_hours(self, hours: HourWords) -> None:
        """Next week but after 6 is after 6; next week but mornings can be all but them."""
        begun = self._cursor.text[self._joined_at[1] :].lower().split()[:2]
        limits = begun[:1] in (["after"], ["before"]) or begun == ["in", "the"]
        if self._is_after_but() and not (limits and not self._clauses.is_open):
            choices = instead(self._cursor.text, self._joined_at, "except", "but only")
            raise AskBack('Does "but" leave these hours out, or are they the only ones?', choices)

    def _is_after_but(self) -> bool:
        at, text = self._joined_at, self._cursor.text
        is_but = bool(self._join) and text[slice(*at)].lower() == "but"
        return is_but and text[at[1] :].lower().split()[:1] not in (["not"], ["no"], ["only"])

    def _take_after_exclusion(self, days: DayWords | None) -> None:
        """Any evening except Thursday next week: all in next week, unless it was said before which week is meant."""
        named = any(day.period or day.dates for clause in self._clauses.all for day in clause.days)
        if not isinstance(days, Period) or self._join or named:
            said = quoted(self._cursor.text, (self._exclusions[0].span[0], len(self._cursor.text)))
            raise AskBack(f"Where does the exception in {said} end? Say what would do first, and the exception last.")
        self._clauses.add_day(days, "")

    def _ask_whether(self, span: Span, meant: str) -> None:
        said = quoted(self._cursor.text, span)
        raise AskBack(f"{said} is not understood: is {meant} meant?", instead(self._cursor.text, span, meant))

    def _ask_which_edge(self) -> None:
        """Late Friday night; early Saturday."""
        cursor, start = self._cursor, self._cursor.at
        edge, day, part = (cursor.ahead(by) for by in range(3))
        is_part = part.text in PART_WORDS
        cursor.at += 2 + is_part
        span = cursor.span_since(start)
        parts = (
            (part.text,) if is_part else {"early": ("morning", "afternoon")}.get(edge.text, ("afternoon", "evening"))
        )
        name = cursor.text[slice(*day.span)]
        choices = instead(cursor.text, span, *(f"{name} {edge.text} {each}" for each in parts))
        raise AskBack(f"Which hours are {quoted(cursor.text, span)}?", choices)

    def _take_filler(self) -> None:
        """Steps over a word without a meaning of its own. Raises AskBack for any other."""
        cursor = self._cursor
        is_name = cursor.text_ahead == "meet" and cursor.ahead(1).text in MONTHS
        if not is_name and (any(cursor.take_all(*words) for words in FILLER_PHRASES) or cursor.take(*FILLERS)):
            return
        token = cursor.ahead()
        said, meant = quoted(cursor.text, token.span), looks_like(token.text)
        if meant is not None:
            self._ask_whether(token.span, meant)
        if token.text in TIME_ZONES:
            raise AskBack(f"{said} is a time zone: say times without it, the clocks are chosen in their own field.")
        if token.text in HOLIDAYS:
            raise AskBack(f"{said} is not understood: say holidays with their date, like December 25.")
        if token.text in EDGES and cursor.ahead(1).text in WEEKDAYS:
            self._ask_which_edge()
        raise AskBack(f"{said} is not understood: say days and hours only, like Friday evening or December 19 at 6pm.")
