"""Signing in: by code, by link; and what attackers try."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response

from autosync import sign_in
from autosync.database.pool import Pool
from autosync.gateways import Accepted, OutgoingText, SendResult
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.web.pages.ways import own_path
from factories import Factory
from own_pages import app_with_own_pages, signed_in_visitor, stranger

MAYAS = "+12125550100"


class Phone(RecordGateway):
    """Keeps what was sent, to be read."""

    def __init__(self) -> None:
        self.texts: list[OutgoingText] = []

    async def send(self, text: OutgoingText) -> SendResult:
        self.texts.append(text)
        return Accepted("here")

    @property
    def code(self) -> str:
        """The code of the newest text."""
        found = re.match(r"(\d{6}) is your", self.texts[-1].body)
        assert found
        return found.group(1)


@pytest.fixture
def phone() -> Phone:
    return Phone()


def fields_of(response: Response) -> dict[str, str]:
    """The hidden fields of the page's form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.text))


async def maya(factory: Factory) -> UUID:
    id_ = await factory.organizer("Maya", "Lopez")
    await factory.do("update profiles set phone_number = %s where id = %s", MAYAS, id_)
    return id_


async def try_code(browser: AsyncClient, asked: Response, code: str) -> Response:
    return await browser.post("/sign-in/code", data=fields_of(asked) | {"code": code})


async def test_a_code_that_came_by_text_signs_in_and_leads_back(pool: Pool, factory: Factory, phone: Phone) -> None:
    await maya(factory)
    async with stranger(app_with_own_pages(pool, gateway=phone)) as browser:
        turned_away = await browser.get("/people?crew=1")
        assert turned_away.headers["location"] == "/sign-in?next=%2Fpeople%3Fcrew%3D1"
        asked = await browser.post("/sign-in", data={"number": "(212) 555-0100", "next": "/people?crew=1"})
        assert phone.texts[-1].to == MAYAS
        inside = await try_code(browser, asked, f" {phone.code[:3]} {phone.code[3:]} ")
        assert (inside.status_code, inside.headers["location"]) == (303, "/people?crew=1")
        assert "Your syncs" in (await browser.get("/")).text


async def test_the_cookie_is_out_of_reach_and_another_one_at_each_sign_in(pool: Pool, factory: Factory) -> None:
    app, organizer = app_with_own_pages(pool), await maya(factory)
    cookies = []
    for _ in range(2):
        link = await app.state.sign_in.make_link(organizer)
        async with stranger(app) as browser:
            browser.base_url = "https://sync.example.org"
            browser.cookies.set("__Host-autosync", "planted by somebody")
            response = await browser.post(f"/sign-in/link/{link}")
        cookies.append(response.headers["set-cookie"])
    first, second = cookies
    assert re.fullmatch(r"__Host-autosync=[\w-]{43}; HttpOnly; Max-Age=1209600; Path=/; SameSite=lax; Secure", first)
    assert first != second


async def test_a_session_is_only_known_by_its_hash(pool: Pool, factory: Factory) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), await maya(factory)) as browser:
        (token,) = browser.cookies.values()
    rows = await factory.rows("select to_jsonb(s)::text from auto_sync_sessions s")
    assert len(rows) == 1
    assert token not in str(rows)


async def test_signing_out_ends_the_session_in_the_database(pool: Pool, factory: Factory) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), await maya(factory)) as browser:
        (kept,) = browser.cookies.values()
        assert "signed out" in (await browser.post("/sign-out")).text
        browser.cookies.set("autosync", kept)
        assert (await browser.get("/")).headers["location"] == "/sign-in"


async def test_a_session_ends_by_itself(pool: Pool, factory: Factory) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), await maya(factory)) as browser:
        await factory.do("update auto_sync_sessions set expires_at = now() - interval '1 second'")
        assert (await browser.get("/")).status_code == 303


async def test_after_five_wrong_codes_the_number_is_locked_for_every_code(
    pool: Pool, factory: Factory, phone: Phone
) -> None:
    await maya(factory)
    async with stranger(app_with_own_pages(pool, gateway=phone)) as browser:
        first = await browser.post("/sign-in", data={"number": MAYAS})
        wrong = f"{(int(phone.code) + 1) % 1_000_000:06d}"
        refusals = [await try_code(browser, first, wrong) for _ in range(3)]
        second = await browser.post("/sign-in", data={"number": MAYAS})
        wrong = f"{(int(phone.code) + 1) % 1_000_000:06d}"
        refusals += [await try_code(browser, second, wrong) for _ in range(2)]
        assert [("Too many wrong codes" in refusal.text) for refusal in refusals] == [False] * 4 + [True]
        assert {refusal.status_code for refusal in refusals} == {403}
        assert "Too many wrong codes" in (await try_code(browser, second, phone.code)).text
        assert (await browser.post("/sign-in", data={"number": MAYAS})).status_code == 429
        assert (await browser.get("/")).status_code == 303


async def test_a_code_works_once_and_for_five_minutes(pool: Pool, factory: Factory, phone: Phone) -> None:
    await maya(factory)
    app = app_with_own_pages(pool, gateway=phone)
    async with stranger(app) as browser, stranger(app) as other:
        asked = await browser.post("/sign-in", data={"number": MAYAS})
        assert (await try_code(browser, asked, phone.code)).status_code == 303
        assert "not the code, or it is older" in (await try_code(other, asked, phone.code)).text
        asked = await other.post("/sign-in", data={"number": MAYAS})
        await factory.do("update auto_sync_sign_ins set expires_at = now() - interval '1 second'")
        assert "not the code, or it is older" in (await try_code(other, asked, phone.code)).text


async def test_a_number_asks_for_three_codes_at_most(pool: Pool, factory: Factory, phone: Phone) -> None:
    await maya(factory)
    async with stranger(app_with_own_pages(pool, gateway=phone)) as browser:
        asked = [(await browser.post("/sign-in", data={"number": MAYAS})).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429]
    assert len(phone.texts) == 3


async def test_nobody_learns_whose_number_it_is(pool: Pool, factory: Factory, phone: Phone) -> None:
    """The same page, the same limits, the same lock; and the text leaves after the answer."""
    await maya(factory)
    async with stranger(app_with_own_pages(pool, gateway=phone)) as browser:
        seen = []
        for number in (MAYAS, "+12125550177"):
            asked = await browser.post("/sign-in", data={"number": number})
            tried = [await try_code(browser, asked, "none") for _ in range(6)]
            texts = [page.text.replace(number, "N").replace(fields_of(asked)["id"], "ID") for page in (asked, *tried)]
            seen.append((asked.status_code, [page.status_code for page in tried], texts))
    assert seen[0] == seen[1]
    assert [text.to for text in phone.texts] == [MAYAS]


async def test_who_said_stop_gets_no_code(pool: Pool, factory: Factory, phone: Phone) -> None:
    await maya(factory)
    await factory.suppress(MAYAS)
    async with stranger(app_with_own_pages(pool, gateway=phone)) as browser:
        assert (await browser.post("/sign-in", data={"number": MAYAS})).status_code == 200
    assert phone.texts == []


async def test_a_link_signs_in_once_and_only_when_the_button_is_pressed(pool: Pool, factory: Factory) -> None:
    app, organizer = app_with_own_pages(pool), await maya(factory)
    link = f"/sign-in/link/{await app.state.sign_in.make_link(organizer)}"
    async with stranger(app) as browser:
        for _ in range(2):
            assert "Sign in as Maya Lopez" in (await browser.get(link)).text
        assert (await browser.post(link)).status_code == 303
        assert (await browser.get(link)).status_code == 410
        assert (await browser.post(link)).status_code == 410
        assert (await browser.post(f"/sign-in/link/{uuid4()}")).status_code == 410


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/sign-out"])
async def test_forms_of_other_sites_are_refused(
    pool: Pool, factory: Factory, headers: dict[str, str], path: str
) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), await maya(factory)) as browser:
        del browser.headers["Sec-Fetch-Site"]
        refused = await browser.post(path, headers=headers, data={"number": MAYAS})
        assert refused.status_code == 403
        assert "sent from somewhere else" in refused.text
        assert (await browser.get("/")).status_code == 200
    assert await factory.rows("select id from auto_sync_sign_ins where number_hash is not null") == []


async def test_a_browser_that_only_tells_the_origin_may_send_our_forms(pool: Pool, factory: Factory) -> None:
    async with signed_in_visitor(app_with_own_pages(pool), await maya(factory)) as browser:
        del browser.headers["Sec-Fetch-Site"]
        assert (await browser.post("/sign-out", headers={"Origin": "http://localhost"})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "",
        "/\r\nSet-Cookie: a=b",
        "/a\tb",
        "/" * 600,
    ],
)
def test_after_signing_in_nobody_is_led_elsewhere(path: str) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("number", ["", "12", "hello", "+1 212 555 0100 ext " + "9" * 60, "<script>"])
async def test_what_is_no_number_is_said_beside_the_field_and_kept(pool: Pool, number: str) -> None:
    async with stranger(app_with_own_pages(pool)) as browser:
        refused = await browser.post("/sign-in", data={"number": number})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "<script>" not in refused.text


async def test_housekeeping_forgets_what_opens_nothing_any_more(pool: Pool, factory: Factory) -> None:
    app, organizer = app_with_own_pages(pool), await maya(factory)
    async with signed_in_visitor(app, organizer):
        pass
    assert (await Housekeeping(pool=pool).tidy()).forgotten == 0
    await factory.do("update auto_sync_sessions set expires_at = now() - interval '1 second'")
    await factory.do("update auto_sync_sign_ins set created_at = now() - interval '25 hours'")
    assert (await Housekeeping(pool=pool).tidy()).forgotten == 2
    assert sign_in.SESSION_LIVES.days == 14
