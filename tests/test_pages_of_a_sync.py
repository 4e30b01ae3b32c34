"""The list of syncs and the page of one: who may see them, what their forms do, and that they stay up to date."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from asked import statements_asked
from autosync import texts
from autosync.database import own_syncs
from autosync.database.pool import Pool
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import serving
from factories import Factory, MadeSync
from own_pages import app_with_own_pages, sign_in_of, signed_in_visitor

SCRIPT = "<script>alert(1)</script>"
VERBS = ("", "/remind", "/invite", "/stop")


async def status(factory: Factory, sync: UUID) -> str:
    found: str = await factory.one("select status::text from auto_syncs where id = %s", sync)
    return found


async def pause(factory: Factory, sync: MadeSync) -> None:
    await factory.do("update auto_syncs set status = 'paused', paused_at = now() where id = %s", sync.id)


async def test_a_sync_of_somebody_else_is_not_there_whatever_one_tries(pool: Pool, factory: Factory) -> None:
    theirs, mine = await factory.sync(event_name="Theirs"), await factory.sync(event_name="Mine")
    async with signed_in_visitor(app_with_own_pages(pool), mine.organizer) as browser:
        listed = (await browser.get("/")).text
        assert ("Mine" in listed, "Theirs" in listed) == (True, False)
        for verb in VERBS:
            for sync in (theirs.id, uuid4(), "garbled"):
                path = f"/syncs/{sync}{verb}"
                answers = [await browser.get(path)] if verb in ("", "/invite", "/stop") else []
                answers += [await browser.post(path, data={"option": "1"})] if verb else []
                assert {answer.status_code for answer in answers} == {404}, path
                assert not any("Theirs" in answer.text for answer in answers)
        assert (await browser.get(f"/live/syncs/{theirs.id}")).text.startswith("event: reload")
    assert await status(factory, theirs.id) == "running"


@pytest.mark.parametrize(("written", "can"), [("{NULL}", 0), ("{{%s},{NULL}}", 1), ("[7:7]={%s}", 1)])
async def test_answers_are_shown_however_another_client_wrote_their_arrays(
    pool: Pool, factory: Factory, written: str, can: int
) -> None:
    sync = await factory.sync(invitees=1)
    await factory.insert(
        "auto_sync_responses", auto_sync_id=sync.id, contact_id=sync.contacts[0], response_type="available",
        option_ids=written.replace("%s", str(sync.options[0])),
    )  # fmt: skip
    async with signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser:
        shown = await browser.get(f"/syncs/{sync.id}")
    assert shown.status_code == 200
    found = await own_syncs.load_own(factory.connection, sync.organizer, sync.id)
    assert found is not None
    assert sum(texts.counts(found).values()) == can


async def test_the_organizer_reminds_and_sends_invites_by_forms(pool: Pool, factory: Factory) -> None:
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0], 2)
    await pause(factory, sync)
    async with signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser:
        shown = (await browser.get(f"/syncs/{sync.id}")).text
        assert "1 of 3 answered." in shown
        assert (await browser.post(f"/syncs/{sync.id}/remind")).status_code == 303
        assert await status(factory, sync.id) == "running"
        asked = await browser.get(f"/syncs/{sync.id}/invite?option=2")
        assert "Send 3 invites" in asked.text
        assert await status(factory, sync.id) == "running"
        for _ in range(2):  # a double click changes nothing
            assert (await browser.post(f"/syncs/{sync.id}/invite", data={"option": "2"})).status_code == 303
    assert await status(factory, sync.id) == "completed"
    assert len(await factory.texts(sync.id, "invite")) == 3


async def test_stopping_asks_once_more_and_is_final(pool: Pool, factory: Factory) -> None:
    sync = await factory.sync()
    async with signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser:
        assert (await browser.get(f"/syncs/{sync.id}/stop")).status_code == 200
        assert await status(factory, sync.id) == "running"
        assert (await browser.post(f"/syncs/{sync.id}/stop")).status_code == 303
        refused = await browser.post(f"/syncs/{sync.id}/remind")
        assert refused.status_code == 409
    assert await status(factory, sync.id) == "stopped"


@pytest.mark.parametrize("verb", VERBS[1:])
async def test_forms_of_other_sites_do_nothing(pool: Pool, factory: Factory, verb: str) -> None:
    sync = await factory.sync()
    await pause(factory, sync)
    async with signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser:
        headers = {"Sec-Fetch-Site": "cross-site"}
        refused = await browser.post(f"/syncs/{sync.id}{verb}", data={"option": "1"}, headers=headers)
        assert refused.status_code == 403
    assert await status(factory, sync.id) == "paused"


async def test_what_people_typed_is_text_on_every_page(pool: Pool, factory: Factory) -> None:
    sync = await factory.sync(event_name=SCRIPT, event_location=SCRIPT, invitees=1)
    await factory.do("update contacts set first_name = %s", SCRIPT)
    await factory.do("update auto_sync_messages set body = %s, status_reason = %s", SCRIPT, SCRIPT)
    async with signed_in_visitor(app_with_own_pages(pool), sync.organizer) as browser:
        for path in ("/", f"/syncs/{sync.id}", f"/syncs/{sync.id}?texts=all", f"/syncs/{sync.id}/invite?option=1"):
            answer = await browser.get(path)
            assert (answer.status_code, SCRIPT in answer.text) == (200, False), path
            policy = answer.headers["Content-Security-Policy"]
            assert ("unsafe" in policy, "default-src 'none'" in policy) == (False, True)


async def queries(browser: httpx.AsyncClient, path: str, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements a page needs."""
    with statements_asked(monkeypatch) as asked:
        assert (await browser.get(path)).status_code == 200
    return len(asked)


async def test_each_page_needs_a_fixed_number_of_queries(
    pool: Pool, factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = await factory.sync(invitees=1)
    large = await factory.sync(organizer=small.organizer, invitees=0)
    async with signed_in_visitor(app_with_own_pages(pool), small.organizer) as browser:
        few = [await queries(browser, path, pool, monkeypatch) for path in ("/", f"/syncs/{small.id}")]
        await factory.do(
            "with c as (insert into contacts (user_id, first_name, phone_number)"
            " select %s, 'Ann ' || n, '+1212' || (2000000 + n) from generate_series(1, 1000) n returning id)"
            " insert into auto_sync_messages (auto_sync_id, contact_id, message_type) select %s, id, 'initial' from c",
            small.organizer, large.id,
        )  # fmt: skip
        await factory.do(
            "insert into auto_syncs (organizer_id, event_name, status) select %s, 'Event ' || n, 'stopped'"
            " from generate_series(1, 10000) n", small.organizer,
        )  # fmt: skip
        many = [await queries(browser, path, pool, monkeypatch) for path in ("/", f"/syncs/{large.id}")]
    assert many == few


# In a browser


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def site(direct_url: str, unused_port: int) -> AsyncIterator[str]:
    """The address of `autosync serve --no-worker` on the test's database."""
    async with serving(direct_url, unused_port):
        yield f"http://127.0.0.1:{unused_port}"


async def enter(page: Page, pool: Pool, organizer: UUID) -> None:
    """Signs in by a link."""
    await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(organizer)}")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Your syncs")).to_be_visible()


async def test_a_change_by_plain_sql_is_on_the_page_and_renders_only_its_fragment_anew(
    pool: Pool, factory: Factory, browser: Browser, site: str
) -> None:
    sync = await factory.sync(invitees=2)
    async with open_page(browser, at=site) as page:
        await enter(page, pool, sync.organizer)
        await page.goto(f"/syncs/{sync.id}")
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Ann"))
        other = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Ben"))
        await expect(row).to_contain_text("no answer yet")
        await other.evaluate("element => { element.isTheSame = true; }")
        await factory.answer(sync, sync.contacts[0], 1)
        await expect(row).not_to_contain_text("no answer yet", timeout=3000)
        await expect(page.locator("#f-standing")).to_contain_text("1 of 2 answered")
        assert await other.evaluate("element => element.isTheSame")


async def test_the_list_shows_a_new_sync_by_itself(pool: Pool, factory: Factory, browser: Browser, site: str) -> None:
    sync = await factory.sync(event_name="First")
    async with open_page(browser, at=site) as page:
        await enter(page, pool, sync.organizer)
        await expect(page.get_by_text("First")).to_be_visible()
        await factory.sync(organizer=sync.organizer, event_name="Second")
        await expect(page.get_by_text("Second")).to_be_visible(timeout=5000)


async def test_a_lost_connection_is_said_and_comes_back_by_itself(
    pool: Pool, factory: Factory, browser: Browser, direct_url: str, unused_port: int
) -> None:
    sync = await factory.sync(invitees=1)
    site = f"http://127.0.0.1:{unused_port}"
    async with open_page(browser, at=site) as page:
        async with serving(direct_url, unused_port):
            await enter(page, pool, sync.organizer)
            await page.goto(f"/syncs/{sync.id}")
            await expect(page.locator("#connection")).to_be_hidden()
        await expect(page.locator("#connection")).to_be_visible(timeout=15_000)
        await factory.answer(sync, sync.contacts[0], 1)
        async with serving(direct_url, unused_port):
            await expect(page.locator("#connection")).to_be_hidden(timeout=20_000)
            await expect(page.locator("#f-standing")).to_contain_text("1 of 1 answered", timeout=10_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_wrong_for_anybody_at_any_width(
    pool: Pool, factory: Factory, browser: Browser, site: str, scheme: str
) -> None:
    sync = await factory.sync(invitees=8, event_name="W" * 120)
    await factory.answer(sync, sync.contacts[0], 1, 3)
    for viewport in (PHONE, DESK):
        async with open_page(browser, at=site, viewport=viewport, color_scheme=scheme) as page:
            await enter(page, pool, sync.organizer)
            for path in ("/", f"/syncs/{sync.id}", f"/syncs/{sync.id}/invite?option=1", f"/syncs/{sync.id}/stop"):
                await page.goto(path)
                assert await violations(page) == [], path
                assert not await scrolls_sideways(page), path


async def test_from_the_list_to_the_invites_by_keyboard_alone_without_scripts(
    pool: Pool, factory: Factory, browser: Browser, site: str
) -> None:
    sync = await factory.sync(invitees=2)
    await factory.answer(sync, sync.contacts[0], 1)
    await pause(factory, sync)
    async with open_page(browser, at=site, java_script_enabled=False) as page:
        await enter(page, pool, sync.organizer)
        for name in ("Board games", "Send invites for this time"):
            await _tab_to(page, name)
            async with page.expect_navigation():
                await page.keyboard.press("Enter")
        await _tab_to(page, "Send 2 invites")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Invites sent").first).to_be_visible()
    assert await status(factory, sync.id) == "completed"


async def _tab_to(page: Page, name: str) -> None:
    """Tab until what bears this name has the focus."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if await focused.count() and name in (await focused.text_content() or ""):
            return
    raise AssertionError(f"{name} is out of reach")
