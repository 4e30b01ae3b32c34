"""What somebody has typed into the form of a new sync, and the plan that it makes, or what is wrong beside which field.

`read_typed` keeps every field as it was typed, so that a page can show it again; `make_plan` understands it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from autosync import syncs, texts
from autosync.model import MOST_OPTIONS, ResponseGoal
from autosync.option_times import moments
from autosync.web.pages.forms import Form
from autosync.web.pages.zones import label

FARTHEST = timedelta(days=366)
"""How far ahead an option may begin: the texts name no year."""

USUAL_LASTS = "120"
"""Minutes, as the form has them."""

_DATE, _CLOCK = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII), re.compile(r"\d\d:\d\d", re.ASCII)
_NAMES = ("first", "second", "third")
_WHICH = ("first", "second")
_WORDS = ("crew", "event", "place", "zone", "goal", "phrase", "lasts", "found_for", "filled")

_BETWEEN = " | "

Times = tuple[datetime, datetime | None]


class PlanProblems(Exception):
    """What was typed makes no plan. `problems`: a sentence by field name; `twice`: fields whose time comes twice."""

    def __init__(self, problems: dict[str, str], twice: Collection[str] = ()) -> None:
        super().__init__(next(iter(problems.values()), ""))
        self.problems = problems
        self.twice = frozenset(twice)


@dataclass(frozen=True, slots=True)
class TypedOption:
    """One time as it was typed. `which_begins`, `which_ends`: first or second, of a time that comes twice."""

    number: int
    date: str = ""
    begins: str = ""
    ends: str = ""
    which_begins: str = ""
    which_ends: str = ""

    @property
    def name(self) -> str:
        """Which one it is, in a word."""
        return _NAMES[self.number - 1]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed."""
        return not (self.date or self.begins or self.ends)

    @property
    def written(self) -> str:
        """All of it in a line, by which it is known again; empty where nothing was typed."""
        parts = (self.date, self.begins, self.ends, self.which_begins, self.which_ends)
        return "" if self.is_empty else f"{self.number}: {' '.join(parts).strip()}"

    def fields(self) -> dict[str, str]:
        """Field names and what was typed."""
        parts = ("date", "begins", "ends", "which_begins", "which_ends")
        return {f"{part}_{self.number}": getattr(self, part) for part in parts}


@dataclass(frozen=True, slots=True)
class TypedPlan:
    """The form as it was typed. `id`: what the sync will be known by, so that it starts once.

    `phrase`, `lasts`: when it could be, and how many minutes it takes; `found_for`: what of it times were found for;
    `filled`: the options that a search has filled, as they were written.
    """

    id: UUID
    crew: str
    event: str
    place: str
    zone: str
    goal: str
    phrase: str
    lasts: str
    found_for: str
    filled: str
    options: tuple[TypedOption, ...]

    @property
    def asks_for(self) -> str:
        """What has to be found anew if it changes."""
        return _BETWEEN.join((self.phrase, self.lasts, self.zone, self.crew))

    @property
    def by_hand(self) -> tuple[TypedOption, ...]:
        """The options, but those empty that a search has filled and nobody has changed since."""
        filled = self.filled.split(_BETWEEN)
        return tuple(TypedOption(option.number) if option.written in filled else option for option in self.options)

    @property
    def wants_times(self) -> bool:
        """Whether it says when it could be, and nothing was found for that yet."""
        return bool(self.phrase) and self.found_for != self.asks_for

    def fields(self) -> dict[str, str]:
        """Field names and what was typed, for the hidden fields of the next step."""
        fields = {"id": str(self.id), **{name: getattr(self, name) for name in _WORDS}}
        for option in self.options:
            fields |= option.fields()
        return fields


def filled_with(options: Collection[TypedOption]) -> str:
    """What `filled` says where a search has filled these."""
    return _BETWEEN.join(option.written for option in options)


def fresh(*, crew: str, zone: str | None) -> TypedPlan:
    """A form in which nothing is typed yet."""
    options = tuple(TypedOption(number) for number in range(1, MOST_OPTIONS + 1))
    return TypedPlan(uuid4(), crew, "", "", zone or "", ResponseGoal.EVERYONE, "", USUAL_LASTS, "", "", options)


def read_typed(form: Form) -> TypedPlan:
    """The form as it was sent; with an id of its own where there is none."""
    try:
        id_ = UUID(form.text("id"))
    except ValueError:
        id_ = uuid4()
    options = tuple(
        TypedOption(
            number,
            *(form.text(f"{part}_{number}") for part in ("date", "begins", "ends", "which_begins", "which_ends")),
        )
        for number in range(1, MOST_OPTIONS + 1)
    )
    return TypedPlan(id=id_, options=options, **{name: form.text(name) for name in _WORDS})


def typed_times(number: int, begins: datetime, ends: datetime, zone: ZoneInfo) -> TypedOption:
    """The option that means these times (aware, whole minutes, less than a day), as somebody would type it."""
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    days = [moments(at.date(), at.time(), zone) for at in (first, last)]
    which = [
        _WHICH[at.fold] if len([moment for moment in found if after is None or moment > after]) > 1 else ""
        for at, found, after in zip((first, last), days, (None, begins), strict=True)
    ]
    return TypedOption(number, f"{first:%Y-%m-%d}", f"{first:%H:%M}", f"{last:%H:%M}", *which)


def make_plan(typed: TypedPlan, *, organizer_id: UUID, crew_ids: Collection[UUID], now: datetime) -> syncs.Plan:
    """The plan of what was typed. `crew_ids`: those that there are to choose from. Raises PlanProblems."""
    problems = _problems_of_words(typed, {str(id_) for id_ in crew_ids})
    twice: set[str] = set()
    options: list[Times] = []
    try:
        zone = texts.zone(typed.zone)
    except ValueError:
        problems["zone"] = "Choose the city whose clocks you mean."
    else:
        options = _read_options(typed, zone, now, problems, twice)
    if problems:
        raise PlanProblems(problems, twice)
    return syncs.Plan(
        organizer_id=organizer_id,
        crew=typed.crew,
        event_name=typed.event,
        event_location=typed.place or None,
        timezone=typed.zone,
        response_goal=ResponseGoal(typed.goal),
        options=tuple(options),
        id=typed.id,
    )


def _problems_of_words(typed: TypedPlan, crew_ids: Collection[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    if typed.crew not in crew_ids:
        problems["crew"] = "Choose one of your crews."
    if not texts.clean(typed.event):
        problems["event"] = "Say what people are asked to come to."
    elif len(typed.event) > syncs.LONGEST_EVENT_NAME:
        problems["event"] = f"This has {len(typed.event)} characters; {syncs.LONGEST_EVENT_NAME} are the most."
    if len(typed.place) > syncs.LONGEST_LOCATION:
        problems["place"] = f"This has {len(typed.place)} characters; {syncs.LONGEST_LOCATION} are the most."
    if typed.goal not in list(ResponseGoal):
        problems["goal"] = "Choose one of the two."
    return problems


def _read_options(
    typed: TypedPlan, zone: ZoneInfo, now: datetime, problems: dict[str, str], twice: set[str]
) -> list[Times]:
    """The times of all options that have any; what is wrong goes into `problems` and `twice`."""
    found: dict[Times, TypedOption] = {}
    for option in typed.options:
        if option.is_empty:
            continue
        try:
            times = _read_times(option, zone, now)
            if times in found:
                raise _problem(option, "date", f"This is the same time as the {found[times].name} one.")
        except PlanProblems as error:
            problems |= error.problems
            twice |= error.twice
        else:
            found[times] = option
    if not found and not any(name.startswith(("date", "begins", "ends")) for name in problems):
        problems["date_1"] = "Propose at least one time: choose a day."
    return list(found)


def _read_times(option: TypedOption, zone: ZoneInfo, now: datetime) -> Times:
    """Begin and end in UTC. Raises PlanProblems."""
    day, begins_at = _day(option), _clock(option, "begins", option.begins)
    if begins_at is None:
        raise _problem(option, "begins", "Choose when it begins.")
    begins = _moment(option, "begins", day, begins_at, zone)
    if begins <= now:
        field = "date" if day < now.astimezone(zone).date() else "begins"
        raise _problem(option, field, "This is in the past.")
    if begins > now + FARTHEST:
        raise _problem(option, "date", "This is more than a year ahead, and the texts name no year.")
    ends_at = _clock(option, "ends", option.ends)
    if ends_at is None:
        return begins, None
    if ends_at == begins_at:
        raise _problem(option, "ends", "It ends as it begins: choose another end, or none.")
    last_day = day if ends_at > begins_at else day + timedelta(days=1)
    return begins, _moment(option, "ends", last_day, ends_at, zone, after=begins)


def _day(option: TypedOption) -> date:
    if not option.date:
        raise _problem(option, "date", "Choose a day.")
    try:
        if _DATE.fullmatch(option.date):
            return date.fromisoformat(option.date)
    except ValueError:
        pass  # such as the 30th of February
    raise _problem(option, "date", "There is no such day: write it as 2027-03-19.")


def _clock(option: TypedOption, part: str, written: str) -> time | None:
    if not written:
        return None
    try:
        if _CLOCK.fullmatch(written):
            return time.fromisoformat(written)
    except ValueError:
        pass  # such as 25:00
    raise _problem(option, part, "There is no such time: write it as 18:30.")


def _moment(
    option: TypedOption, part: str, day: date, clock: time, zone: ZoneInfo, *, after: datetime | None = None
) -> datetime:
    """The one moment at which the zone's clocks show this, or the chosen one of two. Raises PlanProblems."""
    try:
        found = [moment for moment in moments(day, clock, zone) if after is None or moment > after]
    except OverflowError:
        raise _problem(option, "date", "There is no such day: write it as 2027-03-19.") from None
    shown = f"{clock:%H:%M} on {day:%A, %B} {day.day}"
    if not found:
        raise _problem(option, part, f"There is no {shown}: the clocks of {label(zone.key)} go ahead and skip it.")
    if len(found) == 1:
        return found[0]
    which = getattr(option, f"which_{part}")
    if which not in _WHICH:
        sentence = f"{shown} comes twice, as the clocks of {label(zone.key)} go back: choose the earlier or the later."
        raise _problem(option, part, sentence, twice=True)
    return found[_WHICH.index(which)]


def _problem(option: TypedOption, part: str, sentence: str, *, twice: bool = False) -> PlanProblems:
    field = f"{part}_{option.number}"
    return PlanProblems({field: sentence}, [field] if twice else [])
