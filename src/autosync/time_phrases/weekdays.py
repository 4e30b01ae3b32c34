"""Reads days by their names: "Friday", "next Friday", "Mon-Wed", "weekends", "the weekend after next", "any day".

`read_weekdays(cursor)` gives Weekdays, Dates where the words alone settle which ones, or None. Which Friday a plain
"Friday" is, depends on its hours and is settled later.
"""

from __future__ import annotations

from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.dates import TO, read_dates
from autosync.time_phrases.days import (
    DAY,
    WEEK,
    Dates,
    Period,
    Weekdays,
    last_of_month,
    monday_of,
    next_on,
    written,
)
from autosync.time_phrases.lexicon import MANY_WEEKDAYS, ORDINALS, SATURDAY, WEEKDAYS, WEEKEND, WORKDAYS
from autosync.time_phrases.months import month_begins
from autosync.time_phrases.tokens import Cursor

_ANY = ("any", "a", "some", "one", "an")
_NAMED_DAYS = {"today": 0, "tomorrow": 1, "tmrw": 1, "tmr": 1, "2day": 0}
_HABITS = {"weekdays": WORKDAYS, "weekday": WORKDAYS, "workdays": WORKDAYS, "workday": WORKDAYS}


def read_weekdays(cursor: Cursor, to: tuple[str, ...] = TO) -> Weekdays | Dates | None:
    """The days that begin here. `to`: what may stand between the ends of a run. Raises AskBack."""
    start = cursor.at
    for form in (_relative_day, _of_a_month, _habit, _weekend, _weekday):
        found = form(cursor, start, to)
        if found is not None:
            return found
        cursor.at = start
    return None


def _relative_day(cursor: Cursor, start: int, _: tuple[str, ...]) -> Dates | None:
    """Today, tomorrow, the day after tomorrow, a week from tomorrow."""
    cursor.take("the")
    days = 2 if cursor.take_all("day", "after", "tomorrow") else _NAMED_DAYS.get(cursor.text_ahead)
    if days is None:
        return None
    cursor.at += days < 2
    return Dates((cursor.today + days * DAY,), cursor.span_since(start))


def _of_a_month(cursor: Cursor, start: int, _: tuple[str, ...]) -> Dates | None:
    """The first Friday of December, the last weekend in January."""
    cursor.take("the")
    which = _which(cursor)
    if which is None:
        return None
    weekend = cursor.take("weekend")
    weekday = SATURDAY if weekend else WEEKDAYS.get(cursor.text_ahead)
    cursor.at += not weekend
    if weekday is None or not cursor.take("of", "in"):
        return None
    first = month_begins(cursor)
    if first is None:
        return None
    day = next_on(weekday, first) + (which - 1) * WEEK
    if which == -1:
        day = next_on(weekday, last_of_month(first) - (7 if weekend else 6) * DAY)
    span = cursor.span_since(start)
    days = (day, day + DAY) if weekend else (day,)
    if day.month != first.month or days[-1] < cursor.today:
        raise AskBack(f"{quoted(cursor.text, span)} is past or does not exist: name another day.")
    return Dates(tuple(each for each in days if each >= cursor.today), span)


def _which(cursor: Cursor) -> int | None:
    token = cursor.ahead()
    number = -1 if token.text == "last" else ORDINALS.get(token.text, token.number if token.kind == "ordinal" else None)
    cursor.at += 1
    return number


def _habit(cursor: Cursor, start: int, _: tuple[str, ...]) -> Weekdays | None:
    """Weekdays, any day, Fridays."""
    cursor.take(*_ANY)
    if cursor.text_ahead in _HABITS:
        cursor.at += 1
        return Weekdays(_HABITS[cursor.ahead(-1).text], cursor.span_since(start), many=True)
    if cursor.take("mwf") or cursor.take_all("m", "/", "w", "/", "f"):
        return Weekdays((0, 2, 4), cursor.span_since(start), many=True)
    if cursor.take("weekends"):
        return Weekdays(WEEKEND, cursor.span_since(start), many=True, run=True)
    if cursor.text_ahead in MANY_WEEKDAYS:
        cursor.at += 1
        return Weekdays((MANY_WEEKDAYS[cursor.ahead(-1).text],), cursor.span_since(start), many=True)
    # "A day after Friday" is Saturday.
    counts = cursor.ahead(-1).text != "any" and cursor.ahead(1).text in ("after", "before")
    if cursor.at > start and cursor.text_ahead == "day" and not counts:
        cursor.at += 1
        return Weekdays(tuple(range(7)), cursor.span_since(start), many=True)
    return None


def _weekend(cursor: Cursor, start: int, _: tuple[str, ...]) -> Weekdays | Dates | None:
    """This weekend, next weekend, the weekend after next, the weekend of December 12."""
    both = cursor.take_all("this", "or", "next", "weekend")
    determiner = _determiner(cursor) if not both else ""
    if not both and not cursor.take("weekend"):
        return None
    today = cursor.today
    saturday = monday_of(today) + SATURDAY * DAY
    under_way = today >= saturday
    after = cursor.at
    if determiner == "this" and (cursor.take_all("or", "the", "next") or cursor.take_all("or", "next")):
        both = cursor.ahead().kind != "word"
        cursor.at = cursor.at if both else after
    if both:
        days = (saturday + week * WEEK + day * DAY for week in (0, 1) for day in (0, 1))
        return Dates(tuple(day for day in days if day >= today), cursor.span_since(start))
    if cursor.take_all("after", "next"):
        return _one_of_two(
            cursor, start, [saturday + 2 * WEEK] if under_way else [saturday + WEEK, saturday + 2 * WEEK]
        )
    if cursor.take("of"):
        return _weekend_of(cursor, start, read_dates(cursor))
    span = cursor.span_since(start)
    if determiner == "next":
        return _one_of_two(cursor, start, [saturday + WEEK] if under_way else [saturday, saturday + WEEK])
    if determiner in _ANY:
        return Weekdays(WEEKEND, span, many=True, run=True)
    return Weekdays(WEEKEND, span, run=True, own=determiner == "this")


def _one_of_two(cursor: Cursor, start: int, saturdays: list[date]) -> Dates:
    span = cursor.span_since(start)
    if len(saturdays) == 1:
        return Dates((saturdays[0], saturdays[0] + DAY), span)
    names = [_weekend_written(saturday, cursor.today) for saturday in saturdays]
    question = f"{quoted(cursor.text, span)} can be {names[0]} or {names[1]}: which one?"
    raise AskBack(question, instead(cursor.text, span, *names))


def _weekend_written(saturday: date, today: date) -> str:
    if saturday < today:
        return "today"
    return f"{written(saturday, today)} to {written(saturday + DAY, today)}"


def read_weekend_of(cursor: Cursor) -> Dates | None:
    """July 4th weekend."""
    start = cursor.at
    inside = read_dates(cursor)
    if inside is not None and cursor.take("weekend") and cursor.text_ahead not in ("of", "in"):
        return _weekend_of(cursor, start, inside)
    cursor.at = start
    return None


def _weekend_of(cursor: Cursor, start: int, inside: Dates | Period | None) -> Dates:
    if not isinstance(inside, Dates) or len(inside.dates) != 1:
        raise AskBack("Which weekend is meant? Name its Saturday, as the weekend of December 12.")
    saturday = monday_of(inside.dates[0]) + SATURDAY * DAY
    if saturday > inside.dates[0]:
        near = [each for each in (saturday - WEEK, saturday) if each >= cursor.today]
        names = [f"weekend of {written(each, cursor.today, weekday=False)}" for each in near]
        question = f"{written(inside.dates[0], cursor.today)} is no weekend: which one is meant?"
        raise AskBack(question, instead(cursor.text, cursor.span_since(start), *names))
    return Dates(tuple(day for day in (saturday, saturday + DAY) if day >= cursor.today), cursor.span_since(start))


def _determiner(cursor: Cursor) -> str:
    """The words before a day's name that say which one: this, next, any, the, or none."""
    if cursor.take("every", "each"):
        span = cursor.ahead(-1).span
        choices = instead(cursor.text, span, "any")
        raise AskBack("One meeting is planned at a time, so which of these days would do?", choices)
    if cursor.text_ahead in ("last", "previous") and cursor.ahead(1).text in (*WEEKDAYS, "weekend"):
        span = (cursor.ahead().span[0], cursor.ahead(1).span[1])
        raise AskBack(f"{quoted(cursor.text, span)} is past: name a day from today on.")
    for words in (("this", "coming"), ("this",), ("next",), ("the", "coming"), ("coming",), ("upcoming",), ("the",)):
        if cursor.take_all(*words):
            return {"coming": "this", "upcoming": "this"}.get(words[-1], words[-1])
    return cursor.ahead(-1).text if cursor.take(*_ANY) else ""


def _weekday(cursor: Cursor, start: int, to: tuple[str, ...]) -> Weekdays | Dates | None:
    """Friday, next Friday, any Friday, Mon-Wed."""
    determiner = _determiner(cursor)
    weekday = _name(cursor)
    if weekday is None:
        return None
    _unclear_week(cursor, start)
    if determiner == "next":
        return _next_weekday(cursor, start, weekday)
    after = cursor.at
    if determiner not in _ANY and cursor.take(*to):
        last = _name(cursor)
        if last == weekday:
            raise AskBack(f"Which days are meant by {quoted(cursor.text, cursor.span_since(start))}? Name them.")
        if last is not None:
            days = tuple((weekday + by) % 7 for by in range((last - weekday) % 7 + 1))
            return Weekdays(days, cursor.span_since(start), run=True, own=determiner == "this")
    cursor.at = after
    span = cursor.span_since(start)
    return Weekdays((weekday,), span, many=determiner in _ANY, own=determiner == "this")


def _name(cursor: Cursor) -> int | None:
    weekday = WEEKDAYS.get(cursor.text_ahead)
    if weekday is not None:
        cursor.at += 1
        if cursor.text_ahead == "." and cursor.ahead().glued:
            cursor.at += 1
    return weekday


def _unclear_week(cursor: Cursor, start: int) -> None:
    if cursor.take_all("after", "next") or cursor.take("week"):
        span = cursor.span_since(start)
        raise AskBack(f"{quoted(cursor.text, span)} can be more than one day: say it with the date.")


def _next_weekday(cursor: Cursor, start: int, weekday: int) -> Dates:
    """Next week's; but that of this week, if it is still to come, is meant by some."""
    today, span = cursor.today, cursor.span_since(start)
    following = monday_of(today) + WEEK + weekday * DAY
    if weekday <= today.weekday():
        return Dates((following,), span)
    names = [written(following - WEEK, today), written(following, today)]
    question = f"{quoted(cursor.text, span)} can be {names[0]} or {names[1]}: which one?"
    raise AskBack(question, instead(cursor.text, span, *names))
