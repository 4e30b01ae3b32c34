"""/new: a form, a preview of exactly what is sent, and one start; whatever is wrong is said beside its field."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api_client import fingerprint
from autosync.database.pool import Pool
from autosync.model import ResponseGoal
from autosync.web.pages import typed_plan
from autosync.web.pages.forms import Form
from autosync.web.pages.typed_plan import PlanProblems, make_plan, read_typed
from factories import Factory
from own_pages import app_with_own_pages, signed_in_visitor
from page_forms import form_to, problems_of

NEW_YORK = ZoneInfo("America/New_York")
SOON = (datetime.now(UTC) + timedelta(days=10)).date().isoformat()


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
async def crew(factory: Factory, maya: UUID) -> UUID:
    return await factory.crew(maya, [await factory.contact(maya, name) for name in ("Ann", "Ben")])


@pytest.fixture
def woken() -> list[None]:
    """One entry for each time that the worker was woken."""
    return []


@pytest.fixture
async def browser(pool: Pool, maya: UUID, woken: list[None]) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with signed_in_visitor(app_with_own_pages(pool, wake=lambda: woken.append(None)), maya) as opened:
        yield opened


def typed(crew_id: object, **changes: str) -> dict[str, str]:
    """What Maya types, but for the changes."""
    fields = {"id": str(uuid4()), "crew": str(crew_id), "event": "Board games", "place": "Luna Cafe"}
    fields |= {"zone": "America/New_York", "goal": "everyone"}
    return fields | {"date_1": SOON, "begins_1": "18:00", "ends_1": "20:00"} | changes


async def counts(factory: Factory) -> list[int]:
    """How many syncs, options, jobs and texts there are."""
    tables = ("auto_syncs", "auto_sync_options", "job_queue", "auto_sync_messages")
    return [await factory.one(f"select count(*) from {table}") for table in tables]


# The whole way


async def test_what_is_typed_is_previewed_word_for_word_and_then_sent(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID, crew: UUID, woken: list[None]
) -> None:
    silent = await factory.contact(maya, "Cleo", phone_number=None)
    await factory.do("insert into crew_members (crew_id, contact_id) values (%s, %s)", crew, silent)
    form = form_to((await browser.get("/new")).text, "/new")
    assert (form.fields["zone"], form.fields["goal"], form.fields["date_1"]) == ("America/New_York", "everyone", "")

    preview = await browser.post("/new", data=form.fields | typed(crew, id=form.fields["id"], begins_2="", date_2=""))

    assert preview.status_code == 200
    for part in ("Maya Lopez is planning Board games at Luna Cafe.", "6-8 PM E", "2 people", "Cleo", "no phone number"):
        assert part in preview.text
    assert "0.05 USD" in preview.text  # two texts of two segments and Maya's own of two, at 0.0083
    assert await counts(factory) == [0, 0, 0, 0]

    last = form_to(preview.text, "/new")
    assert last.buttons == ["step=start", "step=change"]
    started = await browser.post("/new", data=last.fields | {"step": "start"})

    assert (started.status_code, started.headers["location"]) == (303, f"/syncs/{form.fields['id']}")
    assert await counts(factory) == [1, 1, 2, 3]
    assert woken == [None]
    bodies = [body for _, _, body, _ in await factory.texts(UUID(form.fields["id"]), "initial")]
    shown = preview.text[preview.text.index('id="body">') + 10 :].partition("http")[0]
    assert {body.partition("http")[0] for body in bodies} == {shown.replace("&#39;", "'")}


async def test_change_something_shows_the_form_as_it_was_typed(browser: httpx.AsyncClient, crew: UUID) -> None:
    sent = typed(crew, place="Bar & Grill", goal="critical_mass", date_3=SOON, begins_3="21:15", zone="Europe/Berlin")
    preview = form_to((await browser.post("/new", data=sent)).text, "/new")
    again = form_to((await browser.post("/new", data=preview.fields | {"step": "change"})).text, "/new")
    assert sent.items() <= again.fields.items()


async def test_a_crew_can_be_chosen_by_the_address(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    crews = [await factory.crew(maya, [], name) for name in ("Climbers", "Friends")]
    assert form_to((await browser.get(f"/new?crew={crews[1]}")).text, "/new").fields["crew"] == str(crews[1])
    assert form_to((await browser.get("/new?crew=nonsense")).text, "/new").fields["crew"] == ""


async def test_without_a_crew_the_way_leads_to_the_people(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/new")).text
    assert "You have none yet" in page
    assert 'href="/people">Make your first crew' in page


async def test_who_has_not_said_their_name_says_it_first(browser: httpx.AsyncClient, factory: Factory) -> None:
    await factory.do("update profiles set first_name = '', last_name = null")
    answers = [await browser.get("/new"), await browser.post("/new", data=typed(uuid4()))]
    assert [(answer.status_code, answer.headers["location"]) for answer in answers] == [(303, "/me")] * 2


# Once


async def test_a_start_that_is_sent_many_times_starts_once(
    browser: httpx.AsyncClient, factory: Factory, crew: UUID, woken: list[None]
) -> None:
    start = typed(crew, step="start")
    answers = await asyncio.gather(*(browser.post("/new", data=start) for _ in range(5)))
    await factory.do("delete from crews")
    answers.append(await browser.post("/new", data=start | {"event": "Something else"}))
    assert {(answer.status_code, answer.headers["location"]) for answer in answers} == {(303, f"/syncs/{start['id']}")}
    assert await counts(factory) == [1, 1, 2, 3]
    assert woken == [None]


async def test_the_way_back_to_the_preview_of_what_has_started_offers_no_second_start(
    browser: httpx.AsyncClient, factory: Factory, crew: UUID
) -> None:
    sent = typed(crew)
    await browser.post("/new", data=sent | {"step": "start"})
    page = await browser.post("/new", data=sent)
    assert "has started already" in page.text
    another = form_to(page.text, "/new")
    assert (another.buttons, "id" in another.fields) == (["step=another"], False)
    form = form_to((await browser.post("/new", data=another.fields | {"step": "another"})).text, "/new")
    assert form.fields["id"] != sent["id"]
    assert (sent | {"id": form.fields["id"]}).items() <= form.fields.items()
    assert (await counts(factory))[0] == 1


async def test_an_id_that_somebody_else_has_is_refused(
    browser: httpx.AsyncClient, factory: Factory, crew: UUID
) -> None:
    taken = await factory.sync()
    before = await fingerprint(factory)
    for step in ("start", "preview"):
        refused = await browser.post("/new", data=typed(crew, id=str(taken.id), step=step))
        assert (refused.status_code, "Board games" in refused.text) == (409, False)
    assert await fingerprint(factory) == before


# What is wrong


@pytest.mark.parametrize("step", ["preview", "start"])
@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"event": "  "}, "event", "Say what people are asked to come to."),
        ({"event": "\u200b"}, "event", "Say what people are asked to come to."),
        ({"event": "x" * 201}, "event", "201 characters"),
        ({"place": "x" * 201}, "place", "201 characters"),
        ({"crew": ""}, "crew", "Choose one of your crews."),
        ({"crew": "Friends"}, "crew", "Choose one of your crews."),
        ({"zone": ""}, "zone", "Choose the city"),
        ({"zone": "../../etc/passwd"}, "zone", "Choose the city"),
        ({"zone": "x" * 5000}, "zone", "Choose the city"),
        ({"goal": "nobody"}, "goal", "Choose one of the two."),
        ({"date_1": "", "begins_1": "", "ends_1": ""}, "date_1", "Propose at least one time"),
        ({"date_1": ""}, "date_1", "Choose a day."),
        ({"begins_1": ""}, "begins_1", "Choose when it begins."),
        ({"date_1": "2027-02-30"}, "date_1", "There is no such day"),
        ({"date_1": "275760-09-13"}, "date_1", "There is no such day"),
        ({"date_1": "0001-01-01"}, "date_1", ""),
        ({"date_1": "9999-12-31", "ends_1": "01:00"}, "date_1", ""),
        ({"date_1": "2020-01-01"}, "date_1", "in the past"),
        ({"date_1": "2999-01-01"}, "date_1", "more than a year ahead"),
        ({"begins_1": "25:00"}, "begins_1", "no such time"),
        ({"begins_1": "six"}, "begins_1", "no such time"),
        ({"ends_1": "٢٠:٠٠"}, "ends_1", "no such time"),
        ({"ends_1": "18:00"}, "ends_1", "It ends as it begins"),
        ({"date_3": SOON}, "begins_3", "Choose when it begins."),
        ({"ends_2": "20:00"}, "date_2", "Choose a day."),
        ({"date_2": SOON, "begins_2": "18:00", "ends_2": "20:00"}, "date_2", "same time as the first one"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    browser: httpx.AsyncClient,
    factory: Factory,
    crew: UUID,
    changes: dict[str, str],
    field: str,
    sentence: str,
    step: str,
) -> None:
    before, sent = await fingerprint(factory), typed(crew, **changes)
    refused = await browser.post("/new", data=sent | {"step": step})
    assert refused.status_code == 422
    problems = problems_of(refused.text)
    assert list(problems) == [field]
    assert sentence in problems[field]
    kept = form_to(refused.text, "/new").fields
    unkept = {"crew", "zone", "goal"} & changes.keys()
    assert {name: kept.get(name) for name in sent if name not in unkept} == {
        name: value.strip() for name, value in sent.items() if name not in unkept
    }
    assert await fingerprint(factory) == before


async def test_a_crew_of_which_nobody_can_be_texted_is_refused_beside_the_crew(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    ann = await factory.contact(maya, "Ann", phone_number="911")
    for crew in (await factory.crew(maya, []), await factory.crew(maya, [ann], "Others")):
        refused = await browser.post("/new", data=typed(crew))
        assert refused.status_code == 422
        assert "has a number that can be texted" in problems_of(refused.text)["crew"]


async def test_somebody_elses_crew_is_none_to_choose(browser: httpx.AsyncClient, factory: Factory, crew: UUID) -> None:
    other = await factory.organizer("Eve")
    others = await factory.crew(other, [await factory.contact(other, "Zoe")], "Secret society")
    assert "Secret society" not in (await browser.get(f"/new?crew={others}")).text
    for step in ("preview", "start"):
        refused = await browser.post("/new", data=typed(others, step=step))
        assert (refused.status_code, list(problems_of(refused.text))) == (422, ["crew"])
        assert "Secret" not in refused.text
    assert await counts(factory) == [0, 0, 0, 0]


async def test_a_form_of_another_site_starts_nothing(browser: httpx.AsyncClient, factory: Factory, crew: UUID) -> None:
    refused = await browser.post("/new", data=typed(crew, step="start"), headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert await counts(factory) == [0, 0, 0, 0]


async def test_names_are_text_wherever_they_stand(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    crew = await factory.crew(
        maya, [await factory.contact(maya, evil), await factory.contact(maya, evil, phone_number="1")], evil
    )
    await factory.do("update profiles set first_name = %s", evil)
    sent = typed(crew, event=evil, place=evil)
    for page in (
        await browser.get("/new"),
        await browser.post("/new", data=sent),
        await browser.post("/new", data=sent | {"date_1": evil, "step": "start"}),
        await browser.post("/new", data=sent | {"id": evil, "zone": evil, "goal": evil, "crew": evil}),
    ):
        assert page.status_code in (200, 422)
        assert "<script>" not in page.text
        assert "<img" not in page.text


# When the clocks change


def times(zone: str, now: datetime, **fields: str) -> tuple[datetime, datetime | None]:
    """The one option that these fields make. Raises PlanProblems."""
    crew = uuid4()
    sent = {name: [value] for name, value in (typed(crew, zone=zone, ends_1="") | fields).items()}
    plan = make_plan(read_typed(Form(sent)), organizer_id=uuid4(), crew_ids=[crew], now=now)
    (option,) = plan.options
    return option


NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"date_1": "2026-03-08", "begins_1": "02:30"}, "begins_1"),
        ({"date_1": "2026-03-07", "begins_1": "22:00", "ends_1": "02:00"}, "ends_1"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(fields: dict[str, str], field: str) -> None:
    with pytest.raises(PlanProblems, match="the clocks of New York go ahead and skip it") as refused:
        times("America/New_York", NOW, **fields)
    assert list(refused.value.problems) == [field]


def test_a_time_that_comes_twice_is_asked_about() -> None:
    fields = {"date_1": "2026-11-01", "begins_1": "01:30"}
    with pytest.raises(PlanProblems, match="comes twice, as the clocks of New York go back") as refused:
        times("America/New_York", NOW, **fields)
    assert refused.value.twice == {"begins_1"}
    first, _ = times("America/New_York", NOW, **fields, which_begins_1="first")
    second, _ = times("America/New_York", NOW, **fields, which_begins_1="second")
    assert (first, second - first) == (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), timedelta(hours=1))


def test_an_end_that_can_only_be_the_later_one_is_not_asked_about() -> None:
    fields = {"date_1": "2026-11-01", "begins_1": "01:15", "ends_1": "01:45", "which_begins_1": "second"}
    begins, ends = times("America/New_York", NOW, **fields)
    assert ends == begins + timedelta(minutes=30)


def test_an_end_before_its_start_is_on_the_next_day() -> None:
    begins, ends = times("America/New_York", NOW, date_1="2026-06-30", begins_1="22:00", ends_1="01:30")
    assert (begins, ends) == (datetime(2026, 7, 1, 2, 0, tzinfo=UTC), datetime(2026, 7, 1, 5, 30, tzinfo=UTC))


async def test_which_of_the_two_is_asked_beside_the_field_and_kept(browser: httpx.AsyncClient, crew: UUID) -> None:
    day = next_fall_back()
    sent = typed(crew, date_1=day, begins_1="01:30", ends_1="")
    asked = await browser.post("/new", data=sent)
    assert "comes twice" in problems_of(asked.text)["begins_1"]
    form = form_to(asked.text, "/new").fields
    assert form["which_begins_1"] == ""
    preview = await browser.post("/new", data=form | {"which_begins_1": "second"})
    assert "1:30 AM EST" in preview.text
    assert form_to(preview.text, "/new").fields["which_begins_1"] == "second"


def next_fall_back() -> str:
    """The next day on which New York's clocks go back."""
    day = datetime.now(NEW_YORK).date() + timedelta(days=1)

    def noon(of: date) -> timedelta | None:
        return datetime(of.year, of.month, of.day, 12, tzinfo=NEW_YORK).utcoffset()

    while (before := noon(day - timedelta(days=1))) is None or (after := noon(day)) is None or after >= before:
        day += timedelta(days=1)
    return day.isoformat()


@given(
    day=st.dates(date(2026, 2, 3), date(2027, 1, 30)),
    begins=st.times(),
    ends=st.times(),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]),
    which=st.sampled_from(["", "first", "second"]),
)
def test_an_option_is_shown_by_the_clocks_as_it_was_typed(
    day: date, begins: object, ends: object, zone: str, which: str
) -> None:
    fields = {"date_1": str(day), "begins_1": f"{begins:%H:%M}", "ends_1": f"{ends:%H:%M}"}
    try:
        starts, stops = times(zone, NOW, **fields, which_begins_1=which, which_ends_1=which)
    except PlanProblems as problem:
        refusal = str(problem)
    else:
        refusal = ""
    if refusal:
        assert fields["begins_1"] == fields["ends_1"] or "clocks" in refusal
        return
    local = starts.astimezone(ZoneInfo(zone))
    assert (f"{local:%Y-%m-%d}", f"{local:%H:%M}") == (fields["date_1"], fields["begins_1"])
    assert stops is not None
    assert f"{stops.astimezone(ZoneInfo(zone)):%H:%M}" == fields["ends_1"]
    assert timedelta() < stops - starts <= timedelta(hours=25)


# Whatever is typed

ODD = st.one_of(st.text(max_size=12), st.sampled_from(["", "\0", "٣", "2027-13-01", "24:00", "<b>", "a" * 300]))


def mostly(*usual: str) -> st.SearchStrategy[str]:
    """One of the usual ones three times of four, else anything."""
    return st.integers(0, 3).flatmap(lambda n: ODD if n == 0 else st.sampled_from(usual))


FORMS = st.fixed_dictionaries(
    {
        "event": mostly("Board games"),
        "place": mostly("Luna Cafe", ""),
        "crew": mostly("Friends", "Friends", "Friends"),
        "zone": mostly("America/New_York", "Asia/Tokyo"),
        "goal": st.sampled_from([*ResponseGoal]) | mostly("everyone"),
        **{f"date_{n}": mostly(SOON, "") for n in (1, 2, 3)},
        **{f"begins_{n}": mostly("18:00", "19:00", "") for n in (1, 2, 3)},
        **{f"ends_{n}": mostly("20:00", "01:00", "") for n in (1, 2, 3)},
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(sent=FORMS)
@example(sent={})
@example(sent={"event": "\ud7ff\uffff"})
async def test_whatever_is_typed_is_refused_beside_a_field_and_kept_or_starts_one_sync(
    browser: httpx.AsyncClient, factory: Factory, crew: UUID, sent: dict[str, str]
) -> None:
    sent = sent | {"crew": str(crew)} if sent.get("crew") == "Friends" else sent
    sent = {"id": str(uuid4()), **sent}
    before = await counts(factory)

    answer = await browser.post("/new", data=sent)

    form = form_to(answer.text, "/new").fields
    kept = {name for name in sent if name not in ("crew", "zone", "goal") or answer.status_code == 200}
    expected = Form({name: [value] for name, value in sent.items()})
    assert {name: form[name] for name in kept} == {name: expected.text(name) for name in kept}
    if answer.status_code == 422:
        assert problems_of(answer.text)
        assert await counts(factory) == before
        return
    for _ in range(2):
        started = await browser.post("/new", data=form | {"step": "start"})
        assert (started.status_code, started.headers["location"]) == (303, f"/syncs/{sent['id']}")
    options = sum(bool(expected.text(f"date_{number}")) for number in (1, 2, 3))
    after = await counts(factory)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, options, 2, 3]
    assert typed_plan.FARTHEST.days == 366
