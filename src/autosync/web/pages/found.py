"""The step `find` of a new sync: from a phrase such as "next week evenings" to times in the form, each with why.

`await find(me, typed, …)` fills the options; what it cannot understand it asks back. Nothing is stored or kept free.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from autosync import texts
from autosync.found_times import LONGEST_PHRASE, Calendar, Found
from autosync.model import MOST_OPTIONS
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.typed_plan import PlanProblems, TypedOption, TypedPlan, typed_times

_DAY = timedelta(days=1)

LASTS = tuple(
    (str(minutes), label)
    for minutes, label in (
        (30, "½ hour"), (60, "1 hour"), (90, "1½ hours"), (120, "2 hours"), (180, "3 hours"), (240, "4 hours"),
        (360, "6 hours"), (480, "8 hours"), (720, "12 hours"),
    )
)  # fmt: skip
"""What there is to choose from: minutes, and how they are called."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, for the page. `whys`: why each option is proposed, by its number; `may_connect`: a calendar."""

    found: Found
    whys: dict[int, tuple[str, ...]]
    may_connect: bool


async def find(me: SignedIn, typed: TypedPlan, *, crew_ids: Collection[UUID], skip: int) -> tuple[TypedPlan, Finding]:
    """The form with the times in it, and what is to be said of them. Raises PlanProblems.

    `crew_ids`: those that there are to choose from; `skip`: so many of the best were shown already.
    """
    found = await _found(me, typed, crew_ids, skip)
    looked = found.looked.calendar if found.looked else None
    may_connect = me.api.connections is not None and looked in (Calendar.NONE, Calendar.DISCONNECTED)
    new = _filled(typed, found)
    whys = {option.number: proposal.reasons for option, proposal in zip(new, found.proposals, strict=True)}
    options = _with(typed, new, clear=not found.is_exact)
    return replace(typed, options=options, found_for=typed.asks_for), Finding(found, whys, may_connect)


async def _found(me: SignedIn, typed: TypedPlan, crew_ids: Collection[UUID], skip: int) -> Found:
    problems: dict[str, str] = {}
    if not typed.phrase:
        problems["phrase"] = "Say when it could be, such as “next week evenings”."
    elif len(typed.phrase) > LONGEST_PHRASE:
        problems["phrase"] = f"This has {len(typed.phrase)} characters; {LONGEST_PHRASE} are the most."
    if typed.lasts not in dict(LASTS):
        problems["lasts"] = "Choose how long it is."
    try:
        zone = texts.zone(typed.zone)
    except ValueError:
        problems["zone"] = "Choose the city whose clocks you mean."
    if problems:
        raise PlanProblems(problems)
    crew = typed.crew if typed.crew in {str(id_) for id_ in crew_ids} else None
    lasts = timedelta(minutes=int(typed.lasts))
    found = await me.api.free_times.propose(me.id, typed.phrase, duration=lasts, zone=zone, crew=crew, skip=skip)
    if found.duration >= _DAY:
        raise PlanProblems({"phrase": "This is longer than a day; here a time ends within 24 hours."})
    return found


def _filled(typed: TypedPlan, found: Found) -> list[TypedOption]:
    """The options that the proposals become: the first ones, but one time that was named goes where there is room."""
    times = [(proposal.begins, proposal.ends) for proposal in found.proposals]
    options = [typed_times(number, *span, found.zone) for number, span in enumerate(times, start=1)]
    if not found.is_exact:
        return options
    (one,) = options
    there = [option.number for option in typed.options if replace(option, number=one.number) == one]
    room = [option.number for option in typed.options if option.is_empty]
    return [replace(one, number=(*there, *room, MOST_OPTIONS)[0])]


def _with(typed: TypedPlan, new: Sequence[TypedOption], *, clear: bool) -> tuple[TypedOption, ...]:
    """The options with the new ones in their places. `clear`: the others are emptied, if there are new ones."""
    by_number = {option.number: option for option in new}
    kept = {option.number: TypedOption(option.number) if clear and new else option for option in typed.options}
    return tuple(by_number.get(number, option) for number, option in kept.items())
