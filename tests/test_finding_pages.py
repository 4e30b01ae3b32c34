"""/new, from a phrase to times: filled in with why, others, questions with their answers, and what is in conflict."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api_client import fingerprint
from autosync.calendars.google import GoogleCalendar
from autosync.database import calendars
from autosync.database.calendars import Wishes
from autosync.database.pool import Pool
from autosync.web.pages.forms import Form
from autosync.web.pages.typed_plan import make_plan, read_typed, typed_times
from connected import connected_organizer, connections_of, google_at
from factories import Factory
from google_stand_in import GoogleStandIn, google_stand_in
from own_pages import app_with_own_pages, signed_in_visitor
from page_forms import ShownForm, form_to, problems_of

NEW_YORK = ZoneInfo("America/New_York")
TODAY = datetime.now(NEW_YORK).date()
MONDAY = TODAY + timedelta(days=14 - TODAY.weekday())


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def google(stand_in: GoogleStandIn) -> AsyncIterator[GoogleCalendar]:
    opened = google_at(stand_in.url)
    yield opened
    await opened.close()


@pytest.fixture
async def maya(factory: Factory, pool: Pool, stand_in: GoogleStandIn, google: GoogleCalendar) -> UUID:
    """Whose calendar is connected; in New York."""
    return await connected_organizer(factory, stand_in, connections_of(pool, google))


@pytest.fixture
async def crew(factory: Factory, maya: UUID) -> UUID:
    return await factory.crew(maya, [await factory.contact(maya, name) for name in ("Ann", "Ben")])


@pytest.fixture
async def browser(pool: Pool, maya: UUID, google: GoogleCalendar) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with signed_in_visitor(app_with_own_pages(pool, google=google), maya) as opened:
        yield opened


def at(clock: str, *, days: int = 0) -> datetime:
    """A time of MONDAY, or so many days later."""
    return datetime.combine(MONDAY + timedelta(days=days), time.fromisoformat(clock), NEW_YORK)


def typed(crew: object, phrase: str, **changes: str) -> dict[str, str]:
    """What Maya types before she asks for times."""
    fields = {"id": str(uuid4()), "crew": str(crew), "event": "Board games", "zone": "America/New_York"}
    return fields | {"goal": "everyone", "phrase": phrase, "lasts": "120", "step": "find"} | changes


def evenings() -> str:
    """Two evenings."""
    return f"{MONDAY:%B} {MONDAY.day} or {MONDAY + timedelta(days=1):%B} {(MONDAY + timedelta(days=1)).day} evening"


def options_of(form: ShownForm) -> list[str]:
    """The times in the form, such as `0 17:00-19:00`: how many days after MONDAY."""
    filled = [number for number in (1, 2, 3) if form.fields[f"date_{number}"]]
    days = [(date.fromisoformat(form.fields[f"date_{number}"]) - MONDAY).days for number in filled]
    return [
        f"{day} {form.fields[f'begins_{number}']}-{form.fields[f'ends_{number}']}"
        for number, day in zip(filled, days, strict=True)
    ]


def found_in(page: str) -> str:
    """What is said above the times, without tags."""
    inside = page[page.index('id="found"') :].partition(">")[2].partition('<p class="hint times">')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inside)).split())


def whys_of(page: str, number: int) -> list[str]:
    """Why this option is proposed."""
    listed = re.search(rf'<ul class="why" id="why-{number}">(.*?)</ul>', page, re.DOTALL)
    return [unescape(item) for item in re.findall(r"<li>(.*?)</li>", listed[1])] if listed else []


async def test_a_phrase_becomes_times_with_why_and_nothing_is_stored(
    browser: httpx.AsyncClient, factory: Factory, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.busy((at("18:00"), at("19:00")))
    before, sent = await fingerprint(factory), typed(crew, evenings(), place="Luna Cafe")
    page = await browser.post("/new", data=sent)
    form = form_to(page.text, "/new")
    assert page.status_code == 200
    assert options_of(form) == ["0 19:00-21:00", "1 17:00-19:00", "1 19:00-21:00"]
    assert whys_of(page.text, 1) == ["You are free from 7 PM to 10 PM."]
    assert "between 5 and 10 PM, for 2 hours Checked against your Google Calendar. Show me others" in found_in(
        page.text
    )
    kept = {name: value for name, value in sent.items() if name != "step"}
    assert kept.items() <= form.fields.items()
    assert await fingerprint(factory) == before


async def test_others_come_with_the_next_button_until_there_are_none(browser: httpx.AsyncClient, crew: UUID) -> None:
    page = await browser.post("/new", data=typed(crew, evenings()))
    seen: list[str] = []
    while True:
        form = form_to(page.text, "/new")
        seen += options_of(form)
        others = [button for button in form.buttons if button.startswith("step=others-")]
        if not others:
            break
        page = await browser.post("/new", data=form.fields | {"step": others[0].removeprefix("step=")})
    assert len(seen) == len(set(seen)) == 14
    assert "Show me others" not in page.text


async def test_others_of_a_phrase_that_has_changed_begin_anew(browser: httpx.AsyncClient, crew: UUID) -> None:
    first = form_to((await browser.post("/new", data=typed(crew, evenings()))).text, "/new")
    changed = first.fields | {"lasts": "240", "step": "others-3"}
    page = await browser.post("/new", data=changed)
    assert options_of(form_to(page.text, "/new")) == ["0 17:00-21:00", "1 17:00-21:00", "0 17:30-21:30"]


async def test_the_enter_key_finds_times_for_a_new_phrase_and_goes_on_with_a_known_one(
    browser: httpx.AsyncClient, crew: UUID
) -> None:
    found = await browser.post("/new", data=typed(crew, evenings(), step="enter"))
    form = form_to(found.text, "/new")
    assert form.buttons[0] == "step=enter", "the browser presses the first one"
    assert options_of(form)[0] == "0 17:00-19:00"
    assert 'id="body"' in (await browser.post("/new", data=form.fields | {"step": "enter"})).text
    plain = typed(crew, "", step="enter", date_1=MONDAY.isoformat(), begins_1="18:00")
    assert 'id="body"' in (await browser.post("/new", data=plain)).text


async def test_what_was_found_is_previewed_and_started(
    browser: httpx.AsyncClient, factory: Factory, crew: UUID
) -> None:
    found = form_to((await browser.post("/new", data=typed(crew, evenings()))).text, "/new")
    preview = await browser.post("/new", data=found.fields | {"step": "preview"})
    assert "5-7 PM E" in preview.text
    assert 'class="note' not in preview.text
    again = form_to(
        (await browser.post("/new", data=form_to(preview.text, "/new").fields | {"step": "change"})).text, "/new"
    )
    assert again.fields["phrase"] == evenings()
    started = await browser.post("/new", data=form_to(preview.text, "/new").fields | {"step": "start"})
    assert started.status_code == 303
    times = await factory.rows("select start_time, end_time from auto_sync_options order by idx")
    assert times == [
        (at("17:00"), at("19:00")), (at("17:00", days=1), at("19:00", days=1)), (at("19:00"), at("21:00")),
    ]  # fmt: skip


async def test_an_unclear_phrase_is_asked_back_with_answers_to_press(browser: httpx.AsyncClient, crew: UUID) -> None:
    page = await browser.post("/new", data=typed(crew, "3/4", date_2=MONDAY.isoformat(), begins_2="18:00"))
    assert page.status_code == 200
    form = form_to(page.text, "/new")
    choices = [button.removeprefix("choice=") for button in form.buttons if button.startswith("choice=")]
    assert len(choices) == 2
    assert 'role="alert"' in page.text
    assert (form.fields["date_2"], form.fields["begins_2"]) == (MONDAY.isoformat(), "18:00"), "what is typed stays"
    answered = await browser.post("/new", data=form.fields | {"choice": choices[0]})
    form = form_to(answered.text, "/new")
    assert form.fields["phrase"] == choices[0]
    assert form.fields["date_1"].endswith(("-03-04", "-04-03"))


async def test_one_time_that_was_named_goes_where_there_is_room(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.busy((at("19:00", days=2), at("20:30", days=2)))
    fields = typed(crew, f"{MONDAY:%Y-%m-%d} 18:00")
    for days, count in ((0, 1), (1, 2), (1, 2), (2, 3), (2, 3)):
        phrase = f"{MONDAY + timedelta(days=days):%Y-%m-%d} 18:00"
        page = await browser.post("/new", data=fields | {"phrase": phrase, "step": "find"})
        fields = form_to(page.text, "/new").fields
        assert len(options_of(form_to(page.text, "/new"))) == count
        meets = "Your calendar has something from 7 PM to 8:30 PM." in found_in(page.text)
        assert meets is (days == 2)
        assert "Show me others" not in page.text
    assert options_of(form_to(page.text, "/new")) == ["0 18:00-20:00", "1 18:00-20:00", "2 18:00-20:00"]

    fourth = await browser.post("/new", data=fields | {"phrase": f"{MONDAY + timedelta(days=4)} 18:00", "step": "find"})
    assert (fourth.status_code, problems_of(fourth.text)) == (422, {"phrase": "Empty one of the three first."})
    assert options_of(form_to(fourth.text, "/new")) == options_of(form_to(page.text, "/new"))


async def test_one_time_that_was_named_takes_the_place_of_all_that_a_search_has_found(
    browser: httpx.AsyncClient, crew: UUID
) -> None:
    found = form_to((await browser.post("/new", data=typed(crew, evenings()))).text, "/new")
    exact = found.fields | {"phrase": f"{MONDAY + timedelta(days=4)} 19:00", "step": "enter"}
    page = await browser.post("/new", data=exact)
    assert options_of(form_to(page.text, "/new")) == ["4 19:00-21:00"]
    assert whys_of(page.text, 1) == ["You are free then."]
    changed = exact | {"ends_2": "22:00"}
    page = await browser.post("/new", data=changed)
    assert options_of(form_to(page.text, "/new")) == ["4 19:00-21:00", "1 17:00-22:00"], "what was changed is by hand"


@pytest.mark.parametrize("step", ["find", "enter"])
async def test_a_phrase_that_gives_no_times_leaves_none_of_another_one_to_be_previewed(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, crew: UUID, step: str
) -> None:
    stand_in.busy((at("00:00", days=3), at("00:00", days=4)))
    first = form_to((await browser.post("/new", data=typed(crew, evenings()))).text, "/new")
    by_hand = first.fields | {"date_3": f"{MONDAY}", "begins_3": "11:00", "ends_3": "12:00"}
    for phrase in (f"{MONDAY + timedelta(days=3):%B} {(MONDAY + timedelta(days=3)).day} evening", "3/4"):
        page = await browser.post("/new", data=by_hand | {"phrase": phrase, "step": step})
        form = form_to(page.text, "/new")
        assert options_of(form) == ["0 11:00-12:00"], "only what was typed by hand stays"
        again = await browser.post("/new", data=form.fields | {"step": "enter"})
        assert 'id="body"' not in again.text, "nothing was found for it yet"


async def test_for_another_crew_times_are_found_anew(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    near, abroad = [
        await factory.crew(maya, [await factory.contact(maya, phone_number=number)], name)
        for number, name in (("+12125550147", "Near"), ("+442071234567", "Abroad"))
    ]
    first = form_to((await browser.post("/new", data=typed(near, evenings()))).text, "/new")
    for step in ("enter", "others-3"):
        page = await browser.post("/new", data=first.fields | {"crew": str(abroad), "step": step})
        assert options_of(form_to(page.text, "/new"))[0] == "0 17:00-19:00", step
        assert "It is 10 PM in London." in whys_of(page.text, 1)


async def test_what_is_typed_by_hand_stays_where_nothing_is_free(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.busy((at("00:00"), at("00:00", days=7)))
    page = await browser.post("/new", data=typed(crew, evenings(), date_1=MONDAY.isoformat(), begins_1="11:00"))
    assert "No time of 2 hours is free then." in found_in(page.text)
    assert form_to(page.text, "/new").fields["begins_1"] == "11:00"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"phrase": ""}, "phrase", "Say when it could be"),
        ({"phrase": "x" * 201}, "phrase", "201 characters; 200 are the most"),
        ({"phrase": f"{MONDAY} 18:00 to {MONDAY + timedelta(days=2)} 18:00"}, "phrase", "longer than a day"),
        ({"lasts": "7"}, "lasts", "Choose how long it is."),
        ({"lasts": ""}, "lasts", "Choose how long it is."),
        ({"zone": ""}, "zone", "Choose the city"),
        ({"zone": "../../etc/passwd"}, "zone", "Choose the city"),
    ],
)
async def test_what_is_wrong_with_the_question_is_said_beside_its_field(
    browser: httpx.AsyncClient, crew: UUID, changes: dict[str, str], field: str, sentence: str
) -> None:
    refused = await browser.post("/new", data=typed(crew, evenings()) | changes)
    assert refused.status_code == 422
    problems = problems_of(refused.text)
    assert list(problems) == [field]
    assert sentence in problems[field]


async def test_a_crew_that_is_far_away_is_thought_of_and_somebody_elses_is_not(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    abroad = await factory.crew(maya, [await factory.contact(maya, phone_number="+442071234567")], "Abroad")
    page = await browser.post("/new", data=typed(abroad, evenings()))
    assert whys_of(page.text, 1) == ["You are free from 5 PM to 10 PM.", "It is 10 PM in London."]
    eve = await factory.organizer("Eve")
    theirs = await factory.crew(eve, [await factory.contact(eve, phone_number="+442071234567")])
    for other in (theirs, "", "nonsense"):
        page = await browser.post("/new", data=typed(other, evenings()))
        assert whys_of(page.text, 1) == ["You are free from 5 PM to 10 PM."]


# What is said of the calendar


async def test_a_calendar_that_is_not_connected_can_be_where_that_is_set_up(
    factory: Factory, pool: Pool, google: GoogleCalendar
) -> None:
    zoe = await factory.organizer("Zoe")
    crew = await factory.crew(zoe, [await factory.contact(zoe)])
    for offered in (google, None):
        async with signed_in_visitor(app_with_own_pages(pool, google=offered), zoe) as hers:
            page = await hers.post("/new", data=typed(crew, evenings()))
            said = found_in(page.text)
            assert "No calendar is connected, so none was looked at." in said
            preview = await hers.post("/new", data=form_to(page.text, "/new").fields | {"step": "preview"})
            assert "was looked at" not in preview.text, "who has never connected one does not wonder"
            assert ("Connect your Google Calendar" in said) is (offered is not None)


async def test_while_google_is_away_the_page_says_that_nothing_was_checked(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.plan("freebusy", "error_before", "error_before")
    page = await browser.post("/new", data=typed(crew, evenings()))
    assert "could not be reached, so these times were not checked against it." in found_in(page.text)
    assert whys_of(page.text, 1) == ["It is at an hour that you asked for."]
    form = form_to(page.text, "/new")
    preview = await browser.post("/new", data=form.fields | {"step": "preview"})
    assert 'id="body"' in preview.text
    assert "could not be reached, so these times were not checked against it." in preview.text


async def test_where_a_connected_calendar_cannot_be_looked_at_both_pages_say_so(
    pool: Pool, maya: UUID, crew: UUID
) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), maya) as hers:
        page = await hers.post("/new", data=typed(crew, evenings()))
        said = "Your Google Calendar cannot be looked at from here, so these times were not checked against it."
        assert said in found_in(page.text)
        assert said in (await hers.post("/new", data=form_to(page.text, "/new").fields | {"step": "preview"})).text


async def test_a_calendar_that_cannot_be_read_is_not_named_but_shown_the_way_to(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID, crew: UUID
) -> None:
    await calendars.save(factory.connection, maya, Wishes(("primary", "c_188@group.calendar.google.com")))
    page = await browser.post("/new", data=typed(crew, evenings()))
    assert "One of your calendars could not be read" in found_in(page.text)
    assert '<a href="/calendar">Your calendars</a>' in page.text
    assert "c_188" not in page.text


async def test_a_lost_calendar_is_told_of_where_times_are_found(
    browser: httpx.AsyncClient, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.revoke()
    said = found_in((await browser.post("/new", data=typed(crew, evenings()))).text)
    assert "Google no longer lets us into your calendar." in said
    assert "Connect your Google Calendar" in said


async def test_the_preview_says_which_typed_time_is_in_conflict_with_what_and_starts_all_the_same(
    browser: httpx.AsyncClient, factory: Factory, stand_in: GoogleStandIn, crew: UUID
) -> None:
    stand_in.busy((at("19:00"), at("20:30")))
    times = {"date_1": MONDAY.isoformat(), "begins_1": "18:00", "ends_1": ""}
    times |= {"date_2": MONDAY.isoformat(), "begins_2": "11:00", "ends_2": "12:00"}
    preview = await browser.post("/new", data=typed(crew, "", step="preview", **times))
    (note,) = re.findall(r'<div class="note wrong taken">(.*?)</div>', preview.text, re.DOTALL)
    assert " ".join(re.sub("<[^>]+>", "", note).split()) == (
        f"{MONDAY:%a %b} {MONDAY.day}, 6 PM: Your calendar has something from 7 PM to 8:30 PM."
    )
    started = await browser.post("/new", data=form_to(preview.text, "/new").fields | {"step": "start"})
    assert started.status_code == 303
    assert await factory.one("select count(*) from auto_sync_options") == 2


# Times as somebody would type them


@given(
    begins=st.integers(0, 360 * 24 * 60),
    minutes=st.integers(1, 23 * 60 - 1),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]),
)
def test_a_time_in_the_form_means_the_time_that_was_found(begins: int, minutes: int, zone: str) -> None:
    first = datetime(2026, 2, 3, tzinfo=UTC) + timedelta(minutes=begins)
    last = first + timedelta(minutes=minutes)
    shown = [moment.astimezone(ZoneInfo(zone)) for moment in (first, last)]
    if shown[0].time() == shown[1].time():
        return  # an hour that comes twice, which no form can say
    if (shown[1].time() > shown[0].time()) is not (shown[1].date() == shown[0].date()):
        return  # the same
    crew, option = uuid4(), typed_times(1, first, last, ZoneInfo(zone))
    fields = typed(crew, "", zone=zone) | option.fields()
    form = Form({name: [value] for name, value in fields.items()})
    plan = make_plan(read_typed(form), organizer_id=uuid4(), crew_ids=[crew], now=datetime(2026, 2, 1, tzinfo=UTC))
    assert plan.options == ((first, last),)
