"""How a sync stands: who can make which option, which is best and why, and what each decision would do. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync import texts
from autosync.model import Invitee, Option, Sync
from autosync.web.pages import words


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option as the page shows it. `can`: how many can make it; `is_best`: more than can make any other."""

    option: Option
    when: str
    can: int
    is_over: bool
    is_best: bool
    is_chosen: bool

    @property
    def number(self) -> int:
        """What invitees answer with."""
        return self.option.number

    @property
    def short(self) -> str:
        """Its day alone, such as `Fri Dec 19`."""
        return self.when.partition(",")[0]


@dataclass(frozen=True, slots=True)
class Standing:
    """`missing` have not answered; `cannot` have, and can make no option; `opted_out` get no text at all."""

    sync: Sync
    options: tuple[OptionLine, ...]
    missing: tuple[Invitee, ...]
    cannot: tuple[Invitee, ...]
    opted_out: tuple[Invitee, ...]

    @property
    def asked(self) -> int:
        """How many were asked."""
        return len(self.sync.invitees)

    @property
    def answered(self) -> int:
        """How many of them have answered."""
        return self.asked - len(self.missing)

    @property
    def chosen(self) -> OptionLine | None:
        """What the invites are for, once they are sent."""
        return next((line for line in self.options if line.is_chosen), None)

    @property
    def preselected(self) -> int | None:
        """The number of the option to propose: the best one, of several the earliest; None where all are over."""
        ahead = [line for line in self.options if not line.is_over]
        first = min(ahead, key=lambda line: (-line.can, line.option.start, line.number), default=None)
        return None if first is None else first.number

    @property
    def reminded(self) -> int:
        """How many a reminder would go to now."""
        return len(set(self.missing) - set(self.opted_out))

    @property
    def invited(self) -> int:
        """How many an invite would reach."""
        return self.asked - len(self.opted_out)

    def option(self, number: int) -> OptionLine | None:
        """The option of this number."""
        return next((line for line in self.options if line.number == number), None)


def standing_of(sync: Sync, *, chosen: str | None, opted_out: Collection[UUID], now: datetime) -> Standing:
    """How the sync stands. `chosen`: the id of the option that invites were sent for, as text."""
    tally = texts.counts(sync)
    over = {option.id for option in sync.options if option.over_at <= now and not sync.status.is_final}
    most = max((can for id_, can in tally.items() if id_ not in over), default=0)
    lines = tuple(
        OptionLine(
            option,
            texts.when_shown(option, sync.timezone),
            can=tally[option.id],
            is_over=option.id in over,
            is_best=option.id not in over and tally[option.id] == most > 0,
            is_chosen=str(option.id) == chosen,
        )
        for option in sync.options
    )
    return Standing(
        sync,
        lines,
        missing=tuple(invitee for invitee in sync.invitees if invitee.answer is None),
        cannot=tuple(i for i in sync.invitees if i.answer is not None and not i.answer & tally.keys()),
        opted_out=tuple(invitee for invitee in sync.invitees if invitee.contact_id in opted_out),
    )


def why(standing: Standing) -> str:
    """Which option is best, and why, in a sentence."""
    if standing.chosen:
        return f"It is {standing.chosen.when}: {standing.chosen.can:,} of {standing.asked:,} said that they can."
    if not standing.options:
        return "There are no times to choose from."
    if all(line.is_over for line in standing.options):
        return "Every time is over."
    if not standing.answered:
        return "Nobody has answered yet."
    best = [line for line in standing.options if line.is_best]
    if not best:
        return "Nobody who has answered can make any of these times."
    if len(best) > 1:
        return f"{words.listed([line.when for line in best])} are level: {_share(best[0].can, standing)} each."
    return f"{best[0].when} is best: {_share(best[0].can, standing)} it{_lead(best[0], standing.options)}."


def _share(can: int, standing: Standing) -> str:
    if can == standing.asked > 1:
        return f"all {standing.asked:,} can make"
    return f"{can:,} of {standing.asked:,} can make"


def _lead(best: OptionLine, options: Sequence[OptionLine]) -> str:
    others = [line.can for line in options if line is not best and not line.is_over]
    if not others:
        return ""
    return f", {best.can - max(others):,} more than any other time"


def invite_consequence(standing: Standing, line: OptionLine) -> str:
    """What invites for this option would do."""
    gets = f"{words.people(standing.invited)} get{'s' if standing.invited == 1 else ''} the invite for {line.when}"
    return f"{gets}; this is final.{_left_out(standing.opted_out)}"


def stop_consequence(standing: Standing) -> str:
    """What stopping would do."""
    who = "Nobody was asked" if not standing.asked else f"{words.people(standing.asked)} were asked"
    who = who.replace("1 person were", "1 person was")
    return f"{who}; none of them hears of it again, and an answer that still comes counts no more. This is final."


def remind_consequence(standing: Standing, *, pauses_after: str) -> str:
    """What another reminder would do. `pauses_after`: how long until the next summary."""
    count = standing.reminded
    if not count:
        return f"Nobody is left to remind, so no text goes out; the next summary comes in {pauses_after}."
    who = "1 person who has not answered gets" if count == 1 else f"{count:,} people who have not answered get"
    return (
        f"{who} one reminder now, or in the morning where it is night. The next summary comes in {pauses_after}."
        f"{_left_out(tuple(i for i in standing.opted_out if i.answer is None))}"
    )


def _left_out(opted_out: Sequence[Invitee]) -> str:
    if not opted_out:
        return ""
    has = "has" if len(opted_out) == 1 else "have"
    return f" {words.named([invitee.name for invitee in opted_out])} {has} opted out of all texts."
