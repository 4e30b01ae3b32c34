"""What the page of a sync shows, found and cut into fragments: one for each person and each text, and the rest.

Found as the person, under row-level security; only the clock and who opted out are read with the service's rights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from autosync import calendar_words, texts
from autosync.database import looks
from autosync.database.looks import Look, Surroundings, TextLine
from autosync.explanations import EventFacts, JobStatus, MessageStatus
from autosync.model import Invitee, Sync, SyncStatus
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages import timeline, words
from autosync.web.pages.layout import rendered
from autosync.web.pages.live import Fragments
from autosync.web.pages.pager import Pager, number_of
from autosync.web.pages.standing import Standing, remind_consequence, standing_of, why

PEOPLE_AT_ONCE = 100
TEXTS_AT_ONCE = 20

_SHOWN = {"all": "All", "missing": "No answer yet", "cannot": "Cannot make any"}
_TEXTS = {"all": "All", **{status.value: words.TEXT_STATES[status].capitalize() for status in MessageStatus}}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people and which texts are asked for. `show`: all, missing, cannot, or an option's number."""

    show: str = "all"
    page: int = 1
    texts: str = "all"
    texts_page: int = 1

    @classmethod
    def of(cls, request: Request) -> Wanted:
        """What an address asks for; what is garbled there asks for nothing."""
        asked = request.query_params
        show, state = asked.get("show", "all"), asked.get("texts", "all")
        return cls(
            show if show in (*_SHOWN, "1", "2", "3") else "all",
            number_of(asked.get("page")),
            state if state in _TEXTS else "all",
            number_of(asked.get("texts_page")),
        )

    @property
    def query(self) -> str:
        """As it stands behind the path, with its question mark."""
        usual = Wanted()
        fields = {
            name: value
            for name in ("show", "page", "texts", "texts_page")
            if (value := getattr(self, name)) != getattr(usual, name)
        }
        return f"?{urlencode(fields)}" if fields else ""


@dataclass(frozen=True, slots=True)
class SyncView:
    """One sync as its page shows it. `texts`: a page of them."""

    wanted: Wanted
    look: Look
    standing: Standing
    around: Surroundings
    texts: Sequence[TextLine]
    texts_pager: Pager
    reaches_calendars: bool = True

    @property
    def sync(self) -> Sync:
        """The sync."""
        return self.look.sync

    @property
    def id(self) -> UUID:
        """Its id."""
        return self.look.sync.id

    @property
    def live(self) -> str:
        """Where the events come from."""
        return f"/live{self.address(self.wanted)}"

    @property
    def lead(self) -> int:
        """Seconds by which the clock is ahead."""
        return round(self.around.lead.total_seconds())

    @property
    def event(self) -> str:
        """What it is about, on one line."""
        return texts.clean(self.sync.event_name, otherwise="A get-together")

    def address(self, wanted: Wanted) -> str:
        """The page that shows this."""
        return f"/syncs/{self.id}{wanted.query}"


async def find_view(me: SignedIn, sync_id: str, wanted: Wanted) -> SyncView | None:
    """One of the person's syncs; None where they have none of this id, or it is no id."""
    try:
        id_ = UUID(sync_id)
    except ValueError:
        return None
    async with me.own_rows() as connection:
        look = await looks.load(connection, me.id, id_)
        if look is None:
            return None
        state = MessageStatus(wanted.texts) if wanted.texts != "all" else None
        pager = Pager.of(
            wanted.texts_page,
            sum(group.count for group in look.texts if state in (None, group.status)),
            TEXTS_AT_ONCE,
            address=lambda page: f"/syncs/{id_}{replace(wanted, texts_page=page).query}#texts",
            what="texts",
        )
        found = await looks.page_texts(connection, id_, status=state, skip=pager.skip, limit=TEXTS_AT_ONCE)
    async with me.service() as connection:
        around = await looks.load_surroundings(connection, id_)
    standing = standing_of(look.sync, chosen=look.moments.chosen_option_id, opted_out=around.opted_out, now=around.now)
    return SyncView(wanted, look, standing, around, found, pager, me.api.connections is not None)


def fragments_of(view: SyncView) -> Fragments:
    """All that can change, a fragment for each thing that changes by itself."""
    people = _people(view)
    pager = Pager.of(
        view.wanted.page,
        len(people),
        PEOPLE_AT_ONCE,
        address=lambda page: f"{view.address(replace(view.wanted, page=page))}#people",
        what="people",
    )
    shown = people[pager.skip : pager.skip + PEOPLE_AT_ONCE]
    values = _values(view)
    parts = ("head", "standing", "times", "next", "timeline", "tabs", "text-counts")
    return {
        **{f"f-{part}": rendered(f"sync_{part.replace('-', '_')}.html", **values) for part in parts},
        "f-columns": rendered("sync_columns.html", **values),
        "f-people": [f"f-{invitee.contact_id}" for invitee in shown],
        **{f"f-{invitee.contact_id}": _person(view, invitee) for invitee in shown},
        "f-nobody": rendered("sync_nobody.html", shown=bool(shown), **values),
        "f-people-pages": rendered("pager.html", id="f-people-pages", pager=pager),
        "f-texts": [f"f-{text.id}" for text in view.texts],
        **{f"f-{text.id}": _text(view, text) for text in view.texts},
        "f-text-pages": rendered("pager.html", id="f-text-pages", pager=view.texts_pager),
    }


def _values(view: SyncView) -> dict[str, Any]:
    job = timeline.next_job(view.look)
    zone = view.sync.timezone
    return {
        "view": view,
        "sync": view.sync,
        "standing": view.standing,
        "state": words.STATES[view.sync.status],
        "goal": words.GOALS[view.sync.response_goal],
        "why": why(view.standing),
        "job": job,
        "coming": words.coming(job.type) if job else "",
        "coming_at": texts.moment_shown(job.scheduled_at, zone) if job else "",
        "failed": [words.coming(each.type) for each in view.look.jobs if each.status is JobStatus.FAILED],
        "remind": remind_consequence(view.standing, pauses_after=words.length(view.around.timings.time_to_answer)),
        "is_paused": view.sync.status is SyncStatus.PAUSED,
        "is_final": view.sync.status.is_final,
        "calendar": _calendar(view.look.event, is_set_up=view.reaches_calendars),
        "drawing": timeline.draw(view.look, view.standing),
        "said_at": lambda at: texts.moment_shown(at, zone),
        "people_tabs": list(_people_tabs(view)),
        "text_tabs": list(_text_tabs(view)),
    }


def _calendar(event: EventFacts | None, *, is_set_up: bool) -> str:
    """How it stands with the chosen time in the organizer's calendar; empty where none was ever chosen."""
    if event is None:
        return ""
    return calendar_words.standing(event.status, event.delivery, event.reason, is_set_up=is_set_up)


def _people(view: SyncView) -> Sequence[Invitee]:
    """Those who are asked for, by name."""
    standing, show = view.standing, view.wanted.show
    if show == "missing":
        return standing.missing
    if show == "cannot":
        return standing.cannot
    line = standing.option(int(show)) if show.isdecimal() else None
    if line is None:
        return view.sync.invitees
    return [invitee for invitee in view.sync.invitees if line.option.id in (invitee.answer or ())]


def _people_tabs(view: SyncView) -> Iterator[tuple[str, int, str, bool]]:
    """(name, how many, address, whether it is shown)."""
    standing = view.standing
    counts = {"all": standing.asked, "missing": len(standing.missing), "cannot": len(standing.cannot)}
    for show, name in _SHOWN.items():
        wanted = replace(view.wanted, show=show, page=1)
        yield name, counts[show], f"{view.address(wanted)}#people", show == view.wanted.show
    for line in standing.options:
        wanted = replace(view.wanted, show=str(line.number), page=1)
        is_shown = view.wanted.show == str(line.number)
        yield f"Can make {line.number}", line.can, f"{view.address(wanted)}#people", is_shown


def _text_tabs(view: SyncView) -> Iterator[tuple[str, int, str, bool]]:
    """The same for texts, with those states only that there are."""
    counts: Counter[str] = Counter()
    for group in view.look.texts:
        counts[group.status] += group.count
        counts["all"] += group.count
    for state, name in _TEXTS.items():
        if counts[state] or state in ("all", view.wanted.texts):
            wanted = replace(view.wanted, texts=state, texts_page=1)
            yield name, counts[state], f"{view.address(wanted)}#texts", state == view.wanted.texts


def _person(view: SyncView, invitee: Invitee) -> str:
    at = view.look.answered_at.get(invitee.contact_id)
    return rendered(
        "sync_person.html",
        id=invitee.contact_id,
        name=texts.clean(invitee.name, otherwise=words.NAMELESS),
        answer=invitee.answer,
        options=view.standing.options,
        answered_at=texts.moment_shown(at, view.sync.timezone) if at else "",
        opted_out=invitee.contact_id in view.around.opted_out,
    )


def _text(view: SyncView, text: TextLine) -> str:
    return rendered(
        "sync_text.html",
        text=text,
        type=words.type_of(text.type),
        to="you" if text.to is None else texts.clean(text.to, otherwise=words.NAMELESS),
        state=words.TEXT_STATES[text.status],
        fate=words.fate(text, view.around.now, view.sync.timezone),
    )
