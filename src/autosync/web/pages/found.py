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
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.typed_plan import PlanProblems, TypedOption, TypedPlan, filled_with, typed_times

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
    new = _named(typed, found) if found.is_exact else _proposed(found)
    whys = {option.number: proposal.reasons for option, proposal in zip(new, found.proposals, strict=True)}
    filled = replace(
        typed,
        options=_with(typed, new, clear=not found.is_exact),
        found_for=typed.asks_for if new else "",
        filled="" if found.is_exact else filled_with(new),
    )
    return filled, Finding(found, whys, may_connect)


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


def _proposed(found: Found) -> list[TypedOption]:
    """The first options, as the proposals fill them."""
    times = [(proposal.begins, proposal.ends) for proposal in found.proposals]
    return [typed_times(number, *span, found.zone) for number, span in enumerate(times, start=1)]


def _named(typed: TypedPlan, found: Found) -> list[TypedOption]:
    """The one time that was named, where there is room beside those by hand. Raises PlanProblems where there is none.

    It counts as one by hand itself: so that several can be named one after the other.
    """
    (one,) = _proposed(found)
    there = [option.number for option in typed.by_hand if replace(option, number=one.number) == one]
    room = [option.number for option in typed.by_hand if option.is_empty]
    if not (there or room):
        raise PlanProblems({"phrase": "Empty one of the three first."})
    return [replace(one, number=(*there, *room)[0])]


def _with(typed: TypedPlan, new: Sequence[TypedOption], *, clear: bool) -> tuple[TypedOption, ...]:
    """The options with the new ones in their places, and none of an earlier search.

    `clear`: those by hand are emptied, too, if there are new ones.
    """
    by_number = {option.number: option for option in new}
    kept = [TypedOption(option.number) if clear and new else option for option in typed.by_hand]
    return tuple(by_number.get(option.number, option) for option in kept)
