"""Every page by keyboard alone, and what axe says of the pages and states that no other test looks at."""

from __future__ import annotations

from typing import Literal

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from autosync.database.pool import Connection, Pool
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import playing, serving
from factories import Factory
from own_pages import OPERATOR_KEY, sign_in_of
from pages import SECRET, started

NAMED = """e => [
  e.tagName, e.type === 'radio' ? '' : e.value ?? '', e.name ?? '', e.getAttribute('href') ?? '',
  e.closest('form')?.getAttribute('action') ?? '', (e.getAttribute('aria-label') || e.textContent).trim()
].join(' ').replace(/\\s+/g, ' ').slice(0, 150)"""
USABLE = f"""() => {{
  const name = {NAMED};
  document.activeElement.blur();
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')];
  return all.filter(e => e.checkVisibility() && !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0).map(name);
}}"""
FOCUSED = f"""() => {{
  const e = document.activeElement;
  const shows = (place, part) => {{
    const style = getComputedStyle(place, part);
    return (style.outlineStyle !== 'none' && style.outlineWidth !== '0px') || style.boxShadow !== 'none';
  }};
  return [({NAMED})(e), shows(e) || shows(e, '::after') || shows(e.closest('label') || e)];
}}"""
PARTS = 4
"""A date or a time takes up to so many Tabs."""


async def out_of_reach(page: Page) -> list[str]:
    """What Tab does not come to, or comes to without showing it."""
    usable: list[str] = await page.evaluate(USABLE)
    reached: dict[str, bool] = {}
    for _ in range(PARTS * len(usable) + PARTS):
        await page.keyboard.press("Tab")
        name, shows = await page.evaluate(FOCUSED)
        reached[name] = reached.get(name, False) or shows
        if set(usable) <= set(reached):
            break
    missed = [f"{name} is out of reach" for name in usable if name not in reached]
    return missed + [f"{name} does not show its focus" for name in usable if reached.get(name) is False]


async def test_every_page_is_used_by_keyboard_alone(
    factory: Factory, connection: Connection, pool: Pool, direct_url: str, unused_port: int
) -> None:
    sync, links = await started(factory, connection)
    organizer = await factory.one("select organizer_id from auto_syncs where id = %s", sync)
    crew = await factory.one("select id from crews where creator_id = %s", organizer)
    contact = await factory.one("select id from contacts where user_id = %s limit 1", organizer)
    own = (
        "/", f"/syncs/{sync}", f"/syncs/{sync}/invite?option=1", f"/syncs/{sync}/stop", "/new", "/people",
        f"/people/contacts/{contact}", f"/people/contacts/{contact}/delete", f"/people/crews/{crew}",
        f"/people/crews/{crew}/delete", "/calendar", "/me",
    )  # fmt: skip
    found: dict[str, list[str]] = {}
    settings = {"AUTOSYNC_LINK_SECRET": SECRET.decode(), "AUTOSYNC_OPERATOR_KEY": OPERATOR_KEY}
    async with serving(direct_url, unused_port, **settings), open_browser() as browser:
        site = f"http://127.0.0.1:{unused_port}"
        async with open_page(browser, at=site) as page:
            for path in ("/sign-in", "/ops/sign-in", links["Ann"], f"{links['Ann']}/zone"):
                await page.goto(path)
                found[path.replace(links["Ann"], "/r/TOKEN")] = await out_of_reach(page)
            await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(organizer)}")
            found["/sign-in/link"] = await out_of_reach(page)
            await page.get_by_role("button", name="Sign in").press("Enter")
            await expect(page.get_by_role("heading", name="Your syncs")).to_be_visible()
            for path in own:
                response = await page.goto(path)
                assert response is not None
                assert response.status == 200, path
                found[path] = await out_of_reach(page)
            await page.goto("/ops/sign-in")
            await page.keyboard.press("Tab")
            await page.get_by_label("Operator key").fill(OPERATOR_KEY)
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()
            for path in ("/ops", "/ops/jobs", "/ops/texts"):
                await page.goto(path)
                found[path] = await out_of_reach(page)
    found["/demo"] = await _out_of_reach_in_the_demo(unused_port)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


async def _out_of_reach_in_the_demo(port: int) -> list[str]:
    """The same on the demo's stage, which is opened with the keyboard, too."""
    async with playing(port), open_browser() as browser:
        return await _play(browser, f"http://127.0.0.1:{port}")


async def _play(browser: Browser, site: str) -> list[str]:
    async with open_page(browser, at=site) as page:
        await page.goto("/demo")
        wrong = await out_of_reach(page)
        await page.get_by_role("button", name="Start Board game night").press("Enter")
        await expect(page.locator("#phone-1 .theirs")).to_be_visible()
        return wrong + await out_of_reach(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_on_the_way_in_and_in_each_state_of_a_sync(
    factory: Factory, pool: Pool, direct_url: str, unused_port: int, scheme: Literal["light", "dark"]
) -> None:
    organizer = await factory.organizer()
    contact = await factory.contact(organizer)
    syncs = [await factory.sync(organizer=organizer, event_name=f"In state {place}") for place in range(3)]
    site = f"http://127.0.0.1:{unused_port}"
    async with serving(direct_url, unused_port), open_browser() as browser:
        for size in (PHONE, DESK):
            async with open_page(browser, at=site, color_scheme=scheme, viewport=size) as page:
                await page.goto("/sign-in")
                await assert_well(page, "/sign-in")
                await page.get_by_label("number").fill("12")
                await page.keyboard.press("Enter")
                await expect(page.get_by_label("number")).to_have_value("12")
                await assert_well(page, "a number that is none")
                await page.get_by_label("number").fill("+1 212 555 0199")
                await page.keyboard.press("Enter")
                await expect(page.get_by_label("code")).to_be_visible()
                await assert_well(page, "the code")
                await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(organizer)}")
                await assert_well(page, "a link")
                await page.get_by_role("button", name="Sign in").press("Enter")
                await expect(page.get_by_role("heading", name="Your syncs")).to_be_visible()
                for sync, state in zip(syncs, ("paused", "completed", "stopped"), strict=True):
                    await factory.do(
                        "update auto_syncs set status = %s::auto_sync_status where id = %s", state, sync.id
                    )
                    await page.goto(f"/syncs/{sync.id}")
                    await assert_well(page, state)
                await page.goto(f"/people/contacts/{contact}/delete")
                await assert_well(page, "delete a contact")
                await page.goto("/syncs/nothing")
                await assert_well(page, "nothing there")
                await page.goto("/?status=none-such")
                await assert_well(page, "an empty list")
        async with httpx.AsyncClient(base_url=site) as client:
            assert (await client.get("/demo")).status_code == 404, "there is no demo but in the demo"


async def assert_well(page: Page, where: str) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert await violations(page) == [], where
    assert not await scrolls_sideways(page), where
