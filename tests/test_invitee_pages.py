"""An invitee's page: opened by its link alone, it shows and changes one person's answer, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from api_client import app_for
from autosync import syncs
from autosync.database.pool import Connection, Pool
from autosync.processor import Processor
from factories import Factory
from pages import LINKS, app_with_pages, paths, started, visitor


async def answers(factory: Factory) -> list[tuple[str, list[int]]]:
    """Who answered which numbers."""
    return await factory.rows(
        """select c.first_name, array(select o.idx from auto_sync_options o where o.id = any(r.option_ids) order by 1)
        from auto_sync_responses r join contacts c on c.id = r.contact_id order by 1"""
    )


async def test_a_link_in_the_text_opens_the_page_and_an_answer_is_kept_and_changed(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        asked = await browser.get(links["Ann"])
        assert asked.status_code == 200
        assert "Maya Lopez is planning" in asked.text
        assert "at Luna Cafe" in asked.text
        assert asked.text.count('name="option"') == 3
        assert "checked" not in asked.text

        saved = await browser.post(links["Ann"], data={"option": ["1", "3"]})
        assert (saved.status_code, saved.headers["Location"]) == (303, links["Ann"])
        assert await answers(factory) == [("Ann", [1, 3])]
        again = await browser.get(links["Ann"])
        assert again.text.count(" checked") == 2
        assert "Thanks, Ann! Maya Lopez has your answer." in again.text

        await browser.post(links["Ann"], data={"none": "1", "option": "1"})
        assert await answers(factory) == [("Ann", [])]
        assert "You said that none of these work." in (await browser.get(links["Ann"])).text


@pytest.mark.parametrize(("written", "ticked"), [("{NULL}", 0), ("{{%s},{NULL}}", 1), ("[7:7]={%s}", 1)])
async def test_an_answer_is_shown_however_another_client_wrote_its_array(
    factory: Factory, connection: Connection, pool: Pool, written: str, ticked: int
) -> None:
    sync, links = await started(factory, connection)
    option = await factory.one("select id from auto_sync_options where auto_sync_id = %s and idx = 1", sync)
    await factory.do(
        "insert into auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type)"
        " select %s, id, %s::uuid[], 'available' from contacts where first_name = 'Ann'",
        sync, written.replace("%s", str(option)),
    )  # fmt: skip
    async with visitor(app_with_pages(pool)) as browser:
        assert (await browser.get(links["Ann"])).text.count(" checked") == ticked


async def test_a_form_with_nothing_ticked_says_so_and_keeps_the_last_answer(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        await browser.post(links["Ann"], data={"option": "2"})
        empty = await browser.post(links["Ann"])
    assert empty.status_code == 422
    assert 'role="alert"' in empty.text
    assert "Tick at least one time" in empty.text
    assert await answers(factory) == [("Ann", [2])]


@pytest.mark.parametrize(
    "sent, status",
    [
        (b"option=7", 409),
        (b"option=two", 400),
        (b"option=\xff\xfe", 400),
        (b"\xff", 400),
        (b"&".join(b"option=1" for _ in range(30)), 400),
        (b"option=" + b"9" * 5000, 400),
        (b"x" * 70_000, 413),
    ],
)
async def test_a_form_that_no_page_of_ours_sends_is_refused_and_nothing_is_written(
    factory: Factory, connection: Connection, pool: Pool, sent: bytes, status: int
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        refused = await browser.post(links["Ann"], content=sent, headers=form)
    assert (refused.status_code, refused.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert await answers(factory) == []


async def test_a_forged_foreign_or_outlived_link_opens_nothing(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    to_organizer = await factory.one(
        "select id from auto_sync_messages where auto_sync_id = %s and contact_id is null", sync
    )
    async with visitor(app_with_pages(pool)) as browser:
        for token in ("nonsense", LINKS.token(uuid4()), LINKS.token(to_organizer), links["Ann"][3:-1]):
            shown = await browser.get(f"/r/{token}")
            assert (shown.status_code, "Board games" in shown.text) == (404, False)
            assert (await browser.post(f"/r/{token}", data={"option": "1"})).status_code == 404
        await syncs.stop(connection, sync)
        for page in (await browser.get(links["Ann"]), await browser.post(links["Ann"], data={"option": "1"})):
            assert (page.status_code, "Board games" in page.text) == (410, False)
    assert await answers(factory) == []


async def test_a_program_that_only_looks_whether_the_link_is_there_answers_nothing(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        looked = await browser.head(links["Ann"])
        missed = await browser.head("/r/nonsense")
    assert (looked.status_code, looked.text, missed.status_code) == (200, "", 404)
    assert await factory.one("select count(*) from auto_sync_responses") == 0


async def test_a_link_is_gone_with_the_contact(factory: Factory, connection: Connection, pool: Pool) -> None:
    _, links = await started(factory, connection)
    await factory.do("delete from contacts where first_name = 'Ann'")
    async with visitor(app_with_pages(pool)) as browser:
        assert (await browser.get(links["Ann"])).status_code == 404
        assert (await browser.get(links["Ben"])).status_code == 200


async def test_nobody_elses_name_number_or_answer_is_on_the_page(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection, names=("Ann", "Bartholomew"))
    numbers = [number for (number,) in await factory.rows("select phone_number from contacts")]
    async with visitor(app_with_pages(pool)) as browser:
        await browser.post(links["Bartholomew"], data={"option": "2"})
        page = (await browser.get(links["Ann"])).text
    assert "Bartholomew" not in page
    assert "checked" not in page
    assert not [number for number in numbers if number in page]


async def test_after_the_invites_the_page_shows_the_time_and_gives_a_calendar_file(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        assert (await browser.get(f"{links['Ann']}/event.ics")).status_code == 404
        _, chosen = await syncs.invite(connection, sync, 2, links=LINKS)
        invited = await paths(factory, sync, "invite")
        for path in (links["Ann"], invited["Ann"]):
            page = await browser.get(path)
            assert (page.status_code, f'href="{path}/event.ics"' in page.text) == (200, True)
            assert "Maya Lopez picked a time" in page.text
        assert (await browser.post(links["Ann"], data={"option": "1"})).status_code == 409
        file = await browser.get(f"{links['Ann']}/event.ics")

    assert file.headers["Content-Disposition"] == 'attachment; filename="event.ics"'
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert (event["summary"], event["location"], event["uid"]) == ("Board games", "Luna Cafe", f"{sync.hex}@google.com")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (chosen.start, chosen.end)
    assert Calendar.from_ical(file.content).walk("VTIMEZONE")
    assert await answers(factory) == []


async def test_a_time_that_is_called_off_is_shown_so_and_taken_out_of_calendars(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    _, chosen = await syncs.invite(connection, sync, 2, links=LINKS)
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", sync)
    async with visitor(app_with_pages(pool)) as browser:
        page = await browser.get(links["Ann"])
        file = await browser.get(f"{links['Ann']}/event.ics")
        answered = await browser.post(links["Ann"], data={"option": "1"})

    assert (page.status_code, answered.status_code) == (200, 409)
    assert "Maya Lopez called it off" in page.text
    assert f'href="{links["Ann"]}/event.ics">Take it out of my calendar' in page.text
    calendar = Calendar.from_ical(file.content)
    (event,) = calendar.walk("VEVENT")
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8; method=CANCEL"
    assert (calendar["method"], event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 1)
    assert (event["uid"], event.decoded("dtstart")) == (f"{sync.hex}@google.com", chosen.start)
    assert await answers(factory) == []


async def test_a_sync_that_goes_on_asks_again_and_its_file_says_that_the_time_is_open(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    await syncs.invite(connection, sync, 2, links=LINKS)
    await factory.do("update auto_syncs set status = 'running' where id = %s", sync)
    async with visitor(app_with_pages(pool)) as browser:
        asked = await browser.get(links["Ann"])
        saved = await browser.post(links["Ann"], data={"option": ["1", "3"]})
        (event,) = Calendar.from_ical((await browser.get(f"{links['Ann']}/event.ics")).content).walk("VEVENT")
        await syncs.invite(connection, sync, 3, links=LINKS)
        (again,) = Calendar.from_ical((await browser.get(f"{links['Ann']}/event.ics")).content).walk("VEVENT")

    assert asked.text.count('name="option"') == 3
    assert saved.status_code == 303
    assert (event["status"], event["sequence"]) == ("TENTATIVE", 1)
    assert (again["status"], again["sequence"], again["uid"]) == ("CONFIRMED", 2, event["uid"])
    assert again.decoded("dtstart") > event.decoded("dtstart")


async def test_the_chosen_time_is_gone_from_the_page_a_day_after_it(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    await factory.demo_timings()
    sync, links = await started(factory, connection)
    _, chosen = await syncs.invite(connection, sync, 1, links=LINKS)
    now = await factory.one("select autosync_now()")
    async with visitor(app_with_pages(pool)) as browser:
        await factory.move_clock(seconds=(chosen.over_at - now + timedelta(hours=23)).total_seconds())
        assert (await browser.get(links["Ann"])).status_code == 200
        await factory.move_clock(hours=2)
        assert (await browser.get(links["Ann"])).status_code == 410


async def test_times_stand_in_the_invitees_own_zone_too_where_their_number_tells_another(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection)
    await factory.do("update contacts set phone_number = '+14155550123' where first_name = 'Ben'")
    async with visitor(app_with_pages(pool)) as browser:
        at_home, in_california = (await browser.get(links["Ann"])).text, (await browser.get(links["Ben"])).text
    assert "Where you are" not in at_home
    assert in_california.count("Where you are:") == 3


async def test_times_are_shown_by_the_clocks_of_a_city_that_one_chooses_and_go_on_being(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        choosing = (await browser.get(f"{links['Ann']}/zone")).text
        assert '<option value="America/New_York" selected>' in choosing
        there = (await browser.get(links["Ann"], params={"zone": "Europe/Paris"})).text
        assert there.count("In Paris:") == 3
        assert f'action="{links["Ann"]}?zone=Europe%2FParis"' in there
        answered = await browser.post(links["Ann"], params={"zone": "Europe/Paris"}, data={"option": "1"})
        assert answered.headers["location"] == f"{links['Ann']}?zone=Europe%2FParis"
        again = (await browser.get(answered.headers["location"])).text
        assert again.count("In Paris:") == 3
        await syncs.invite(connection, sync, 1, links=LINKS)
        assert "In Paris:" in (await browser.get(links["Ann"], params={"zone": "Europe/Paris"})).text


@pytest.mark.parametrize("zone", ["Nowhere", "../../etc/passwd", "Europe/Paris\r\nSet-Cookie: a=b", "<b>", ""])
async def test_a_zone_that_is_none_changes_nothing(
    factory: Factory, connection: Connection, pool: Pool, zone: str
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        shown = await browser.get(links["Ann"], params={"zone": zone})
        assert shown.status_code == 200
        assert f'action="{links["Ann"]}"' in shown.text
        answered = await browser.post(links["Ann"], params={"zone": zone}, data={"option": "1"})
        assert answered.headers["location"] == links["Ann"]
        assert "Set-Cookie" not in answered.headers
        assert (await browser.get(f"{links['Ann']}/zone", params={"zone": zone})).status_code == 200


async def test_a_reminder_has_a_link_of_its_own_to_the_same_answer(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    sync, links = await started(factory, connection)
    app = app_with_pages(pool)
    async with visitor(app) as browser:
        await browser.post(links["Ann"], data={"option": "2"})
        await factory.make_due(sync, "reminder_24h")
        await Processor(pool=pool, links=LINKS).process_due()
        reminded = await paths(factory, sync, "reminder")
        assert list(reminded) == ["Ben"]
        assert reminded["Ben"] != links["Ben"]
        await browser.post(reminded["Ben"], data={"option": "3"})
        assert (await browser.get(links["Ben"])).text.count(" checked") == 1
    assert await answers(factory) == [("Ann", [2]), ("Ben", [3])]


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}"])
async def test_names_are_text_on_the_page_and_never_markup(
    factory: Factory, connection: Connection, pool: Pool, attack: str
) -> None:
    _, links = await started(factory, connection, names=(attack,), event_name=attack)
    await factory.do("update auto_syncs set event_location = %s", attack)
    async with visitor(app_with_pages(pool)) as browser:
        (path,) = links.values()
        await browser.post(path, data={"option": "1"})
        page = (await browser.get(path)).text
    assert "<script" not in page
    assert "<img" not in page
    assert "49" not in page.replace("+49", "") or "{{ 7 * 7 }}" in page


async def test_every_answer_of_the_pages_keeps_itself_out_of_frames_caches_and_search(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    _, links = await started(factory, connection)
    async with visitor(app_with_pages(pool)) as browser:
        for page in (await browser.get(links["Ann"]), await browser.get("/r/nonsense")):
            policy = page.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert page.headers["Cache-Control"] == "no-store"
            assert page.headers["Referrer-Policy"] == "no-referrer"
            assert "Set-Cookie" not in page.headers
        style = (await browser.get("/static/style.css")).headers
        assert style["Content-Type"].startswith("text/css")


async def test_without_a_secret_there_are_no_such_pages(pool: Pool) -> None:
    async with visitor(app_for(pool)) as browser:
        assert (await browser.get(f"/r/{LINKS.token(uuid4())}")).status_code == 404
