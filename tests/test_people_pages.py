"""/people and /me: crews, contacts, an address book from the browser, and the organizer's own profile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api_client import app_for, client_for, fingerprint
from autosync.database.pool import Pool
from autosync.web.pages import imports
from factories import Factory
from own_pages import app_with_own_pages, signed_in_visitor, stranger
from page_forms import form_to, forms_of, problems_of

BOOKS = Path(__file__).parent / "address_books"
EVIL = "<script>alert(1)</script>\"'><img src=x>"
ANN = {"first_name": "Ann", "last_name": "Archer", "phone_number": "(212) 555-0123", "email": "ann@example.org"}


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
async def browser(pool: Pool, maya: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with signed_in_visitor(app_with_own_pages(pool), maya) as opened:
        yield opened


async def members(factory: Factory, crew: UUID) -> list[str]:
    """The first names of a crew."""
    rows = await factory.rows(
        "select c.first_name from crew_members m join contacts c on c.id = m.contact_id"
        " where m.crew_id = %s order by 1",
        crew,
    )
    return [name for (name,) in rows]


async def send_file(browser: httpx.AsyncClient, data: bytes, **fields: str) -> httpx.Response:
    """The form with the file."""
    return await browser.post("/people/import", data=fields, files={"file": ("book.vcf", data, "text/vcard")})


# Crews


async def test_somebody_without_anything_is_told_what_to_do(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/people")).text
    assert "You have no crew yet." in page
    assert "There is nobody here yet" in page


async def test_a_crew_is_made_filled_renamed_and_deleted(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    made = await browser.post("/people/crews", data={"crew_name": " Friends "})
    path = made.headers["location"]
    crew = await factory.one("select id from crews where name = 'Friends'")
    assert (made.status_code, path) == (303, f"/people/crews/{crew}")

    await browser.post(f"{path}/people", data=ANN)
    ben, chloe = await factory.contact(maya, "Ben"), await factory.contact(maya, "Chloe")
    page = (await browser.get(path)).text
    assert str(ben) in page
    added = await browser.post(f"{path}/members", data={"contact": [str(ben), str(chloe), "nonsense"]})
    assert added.headers["location"] == path
    assert await members(factory, crew) == ["Ann", "Ben", "Chloe"]

    await browser.post(f"{path}/members/{ben}/remove")
    assert await members(factory, crew) == ["Ann", "Chloe"]

    assert (await browser.post(f"{path}/name", data={"crew_name": "Climbers"})).status_code == 303
    assert "<h1>Climbers</h1>" in (await browser.get(path)).text

    asked = (await browser.get(f"{path}/delete")).text
    assert "Its people stay in your contacts." in asked
    assert (await browser.post(f"{path}/delete")).headers["location"] == "/people"
    assert await factory.rows("select id from crews") == []
    assert await factory.one("select count(*) from contacts") == 3
    assert (await browser.get(path)).status_code == 404


async def test_a_sync_outlives_its_crew_also_where_the_key_would_delete_it(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    await factory.do(
        "alter table auto_syncs drop constraint auto_syncs_crew_id_fkey, add constraint auto_syncs_crew_id_fkey"
        " foreign key (crew_id) references crews (id) on delete cascade"
    )
    crew = await factory.crew(maya, [])
    sync = await factory.sync(organizer=maya, crew_id=crew)
    assert (await browser.post(f"/people/crews/{crew}/delete")).status_code == 303
    assert await factory.rows("select status::text, crew_id from auto_syncs where id = %s", sync.id) == [
        ("running", None)
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_name_that_no_crew_can_have_is_refused_and_kept(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID, name: str
) -> None:
    crew = await factory.crew(maya, [], "Friends")
    before = await fingerprint(factory)
    for path in ("/people/crews", f"/people/crews/{crew}/name"):
        refused = await browser.post(path, data={"crew_name": name})
        assert refused.status_code == 422
        assert problems_of(refused.text) == {"crew_name": "A crew's name has 1 to 100 characters."}
        assert form_to(refused.text, path).fields["crew_name"] == name.strip()
    assert await fingerprint(factory) == before


async def test_no_crew_takes_the_name_of_another(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    crews = [await factory.crew(maya, [], name) for name in ("Friends", "Climbers")]
    refused = await browser.post(f"/people/crews/{crews[0]}/name", data={"crew_name": "Climbers"})
    assert problems_of(refused.text) == {"crew_name": "You have another crew of this name."}
    again = await browser.post("/people/crews", data={"crew_name": "Climbers"})
    assert again.headers["location"] == f"/people/crews/{crews[1]}"


async def test_nobody_ticked_is_said(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    crew = await factory.crew(maya, [])
    await factory.contact(maya)
    refused = await browser.post(f"/people/crews/{crew}/members", data={})
    assert problems_of(refused.text) == {"contact": "Tick somebody first."}


# Contacts


async def test_a_contact_is_added_edited_and_deleted(browser: httpx.AsyncClient, factory: Factory) -> None:
    assert (await browser.post("/people/contacts", data=ANN)).status_code == 303
    ((id_, number),) = await factory.rows("select id, phone_number from contacts")
    assert number == "+12125550123"
    shown = form_to((await browser.get(f"/people/contacts/{id_}")).text, f"/people/contacts/{id_}")
    assert shown.fields == ANN | {"phone_number": number}

    saved = await browser.post(
        f"/people/contacts/{id_}", data=ANN | {"first_name": "Anna", "phone_number": "212 555 0124", "email": ""}
    )
    assert (saved.status_code, saved.headers["location"]) == (303, "/people")
    assert await factory.rows("select first_name, last_name, phone_number, email from contacts") == [
        ("Anna", "Archer", "+12125550124", None)
    ]

    assert "All their answers go too" in (await browser.get(f"/people/contacts/{id_}/delete")).text
    assert (await browser.post(f"/people/contacts/{id_}/delete")).headers["location"] == "/people"
    assert await factory.rows("select id from contacts") == []


async def test_a_number_that_is_there_already_is_shown_and_not_added_twice(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    ann = await factory.contact(maya, "Ann", phone_number="212-555-0123")
    known = await browser.post("/people/contacts", data=ANN | {"first_name": "Anna"})
    assert known.headers["location"] == f"/people/contacts/{ann}?known"
    assert "You had this number already" in (await browser.get(known.headers["location"])).text
    ben = await factory.contact(maya, "Ben")
    refused = await browser.post(f"/people/contacts/{ben}", data=ANN)
    assert problems_of(refused.text) == {"phone_number": "You have this number already, as that of Ann."}
    assert await factory.one("select count(*) from contacts") == 2


async def test_somebody_with_a_number_that_is_none_can_be_renamed_all_the_same(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    eve = await factory.contact(maya, "Eve", phone_number="ask her")
    sent = {"first_name": "Eva", "last_name": "", "phone_number": "ask her", "email": ""}
    assert (await browser.post(f"/people/contacts/{eve}", data=sent)).status_code == 303
    assert await factory.rows("select first_name, phone_number from contacts") == [("Eva", "ask her")]


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"first_name": ""}, "first_name", "Say what they are called."),
        ({"first_name": "\u200b"}, "first_name", "Say what they are called."),
        ({"first_name": "x" * 101}, "first_name", "101 characters"),
        ({"last_name": "x" * 101}, "last_name", "101 characters"),
        ({"email": "x" * 321}, "email", "321 characters"),
        ({"phone_number": ""}, "phone_number", "There is no phone number."),
        ({"phone_number": "911"}, "phone_number", "too short"),
        ({"phone_number": "x" * 51}, "phone_number", "51 characters"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_person_is_said_beside_its_field_and_what_was_typed_is_kept(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID, changes: dict[str, str], field: str, sentence: str
) -> None:
    contact = await factory.contact(maya, "Ben")
    crew = await factory.crew(maya, [])
    before, sent = await fingerprint(factory), ANN | changes
    for path in ("/people/contacts", f"/people/contacts/{contact}", f"/people/crews/{crew}/people"):
        refused = await browser.post(path, data=sent)
        assert refused.status_code == 422
        problems = problems_of(refused.text)
        assert list(problems) == [field]
        assert sentence in problems[field]
        assert form_to(refused.text, path).fields == sent
    assert await fingerprint(factory) == before


async def test_people_are_found_by_name_number_and_e_mail_a_page_at_a_time(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    for number in range(60):
        await factory.contact(maya, f"Ann {number:02}")
    await factory.contact(maya, "Zoe", last_name="100%_", email="z@example.org", phone_number="+44 7700 900 123")
    first = (await browser.get("/people")).text
    assert ("Ann 49" in first, "Ann 50" in first) == (True, False)
    (further,) = [line for line in first.splitlines() if 'rel="next"' in line]
    second = (await browser.get(further.partition('href="')[2].partition('"')[0].replace("&amp;", "&"))).text
    assert ("Ann 49" in second, "Ann 50" in second, "Zoe" in second, 'rel="next"' in second) == (
        False,
        True,
        True,
        False,
    )
    for wanted in ("zoe 100%_", "7700900", "7700-900", "Z@EXAMPLE"):
        found = (await browser.get("/people", params={"q": wanted})).text
        assert ("Zoe" in found, "Ann 00" in found) == (True, False), wanted
    for nobody in ("%", "zoe ann", "\0", "'; drop table contacts; --"):
        found = await browser.get("/people", params={"q": f"{nobody} nobody"})
        assert (found.status_code, "is found by" in found.text) == (200, True)
    assert (await browser.get("/people?after=nonsense")).status_code == 200


async def test_a_page_takes_the_same_number_of_statements_whatever_the_number_of_people(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    crew = await factory.crew(maya, [await factory.contact(maya)])
    executed: list[object] = []
    execute = psycopg.AsyncCursor.execute

    async def noting(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        executed.append(query)
        return await execute(cursor, query, *arguments, **options)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", noting)

    async def statements(path: str) -> int:
        executed.clear()
        assert (await browser.get(path)).status_code == 200
        return len(executed)

    paths = ("/people", f"/people/crews/{crew}", f"/new?crew={crew}")
    few = [await statements(path) for path in paths]
    assert min(few) > 2
    await factory.do(
        "insert into contacts (user_id, first_name, phone_number)"
        " select %s, 'Ann ' || n, '+1212' || 5560000 + n from generate_series(1, 1000) n",
        maya,
    )
    await factory.do("insert into crew_members select %s, id from contacts where first_name like 'Ann _%%'", crew)
    await factory.do("insert into crews (creator_id, name) select %s, 'Crew ' || n from generate_series(1, 50) n", maya)
    assert [await statements(path) for path in paths] == few
    assert (await browser.get("/people")).text.count("/people/contacts/") < 60


# An address book from the browser


async def test_an_address_book_goes_into_a_crew_and_bad_rows_are_told_by_line(
    browser: httpx.AsyncClient, factory: Factory
) -> None:
    done = await send_file(browser, (BOOKS / "damaged.vcf").read_bytes(), into="Runners")
    assert done.status_code == 200
    assert "3 people are new in Runners" in done.text
    assert "<strong>Line 6</strong> <span>The card that begins here is cut off" in done.text
    crew = await factory.one("select id from crews where name = 'Runners'")
    assert len(await members(factory, crew)) == 3
    again = await send_file(browser, (BOOKS / "damaged.vcf").read_bytes(), crew=str(crew))
    assert "0 people are new in Runners" in again.text
    assert "0 new in your contacts, 3 you had already." in again.text


@pytest.mark.parametrize("book", ["android-2.1.vcf", "contacts-4.0.vcf", "google.csv", "iphone.vcf", "spreadsheet.csv"])
async def test_every_kind_of_address_book_is_taken(browser: httpx.AsyncClient, book: str) -> None:
    assert (await send_file(browser, (BOOKS / book).read_bytes(), into="Friends")).status_code == 200


async def test_what_cannot_be_brought_in_is_said_beside_the_field(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew = await factory.crew(maya, [])
    for _ in range(2):
        await factory.crew(maya, [], "Twins")
    before, book = await fingerprint(factory), (BOOKS / "iphone.vcf").read_bytes()
    for data, fields, problem in (
        (book, {"into": ""}, {"into": "Say into which crew."}),
        (book, {"into": "x" * 101}, {"into": "A crew's name has 1 to 100 characters."}),
        (book, {"into": "Twins"}, {"into": "You have several crews of this name: open the one that you mean."}),
        (b"", {"into": "Friends"}, {"file": "Choose a file first."}),
        (b"\x89PNG\r\n\x1a\n\0\0", {"crew": str(crew)}, {"file": "This is not a text file"}),
        (b"Name,Phone\nAnn,12\n", {"crew": str(crew)}, {"file": "The file has no usable row. Line 2"}),
    ):
        refused = await send_file(browser, data, **fields)
        assert refused.status_code == 422
        found = problems_of(refused.text)
        assert list(found) == list(problem)
        assert all(problem[name] in found[name] for name in problem)
        assert form_to(refused.text, "/people/import").fields.get("into", "") == fields.get("into", "")
    assert await fingerprint(factory) == before


async def test_a_file_that_is_too_large_is_refused_before_anything_is_read_from_it(
    browser: httpx.AsyncClient, factory: Factory
) -> None:
    row = b"Ann,212 555 0123\n"
    before = await fingerprint(factory)
    for length in (imports.LARGEST_FILE + 1, imports.LARGEST_FILE + 100_000, 9_000_000):
        refused = await send_file(browser, b"x" * length, into="Friends")
        assert (refused.status_code, "larger than 2 MB" in refused.text) == (413, True)
    unreadable = {"Content-Type": "multipart/form-data; boundary=x"}
    for length, status in ((1000, 400), (imports.LARGEST_FILE + 100_000, 413)):
        refused = await browser.post("/people/import", content=b"x" * length, headers=unreadable)
        assert refused.status_code == status
    assert await fingerprint(factory) == before
    assert (await send_file(browser, b"Name,Phone\n" + row + b"\n" * 2_000_000, into="Friends")).status_code == 200


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", "multipart/form-data"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc', "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\n\r\n' * 20,
            "multipart/form-data; boundary=x",
        ),
        (b"file=abc&into=Friends", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"\xff\xfe", ""),
    ],
)
async def test_what_no_form_of_ours_sends_is_refused_with_a_page(
    browser: httpx.AsyncClient, factory: Factory, body: bytes, media_type: str
) -> None:
    before = await fingerprint(factory)
    refused = await browser.post("/people/import", content=body, headers={"Content-Type": media_type})
    assert refused.status_code in (400, 422)
    assert refused.headers["Content-Type"] == "text/html; charset=utf-8"
    assert await fingerprint(factory) == before


NOISE = st.lists(
    st.sampled_from([b"BEGIN:VCARD\n", b"END:VCARD\n", b"TEL:+12125550123\n", b"FN:", b"N:;", b"\0", b"Ann", b"\n"])
    | st.binary(max_size=8)
).map(b"".join)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=NOISE)
@example(data=b"BEGIN:VCARD\nFN:" + b"x" * 20_000 + b"\nTEL:+12125550177\nEND:VCARD\n")
@example(data=b"BEGIN:VCARD\nFN:A\0nn\xed\xa0\x80\nTEL:+12125550178\nEND:VCARD\n")
async def test_whatever_is_in_the_file_is_brought_in_or_refused(browser: httpx.AsyncClient, data: bytes) -> None:
    answer = await send_file(browser, data, into="Friends")
    assert answer.status_code == 200 or (answer.status_code == 422 and problems_of(answer.text))


# Whose it is


async def test_nobody_reaches_the_crews_and_contacts_of_somebody_else_by_their_ids(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    eve = await factory.organizer("Eve")
    theirs = await factory.contact(eve, "Zoe Secret")
    crew, own_crew = await factory.crew(eve, [theirs], "Secret society"), await factory.crew(maya, [], "Mine")
    own = await factory.contact(maya, "Ann")
    before, book = await fingerprint(factory), (BOOKS / "iphone.vcf").read_bytes()
    pages = [
        await browser.get(path)
        for path in (
            f"/people/crews/{crew}", f"/people/crews/{crew}/delete", f"/people/contacts/{theirs}",
            f"/people/contacts/{theirs}/delete", f"/people?after={theirs}", "/people?q=secret",
            f"/people/crews/{own_crew}?after={theirs}&q=secret", f"/people/crews/{uuid4()}", "/people/crews/nonsense",
        )
    ]  # fmt: skip
    pages += [
        await browser.post(path, data=data)
        for path, data in (
            (f"/people/crews/{crew}/members", {"contact": str(own)}),
            (f"/people/crews/{own_crew}/members", {"contact": str(theirs)}),
            (f"/people/crews/{crew}/members/{theirs}/remove", {}),
            (f"/people/crews/{crew}/people", ANN),
            (f"/people/crews/{crew}/name", {"crew_name": "Stolen"}),
            (f"/people/crews/{crew}/delete", {}),
            (f"/people/contacts/{theirs}", ANN),
            (f"/people/contacts/{theirs}/delete", {}),
        )
    ]
    pages.append(await send_file(browser, book, crew=str(crew)))
    assert [page.status_code for page in pages] == [404] * 4 + [200] * 3 + [404] * 3 + [303] + [404] * 7
    assert {page.headers.get("Content-Type", "text/html; charset=utf-8") for page in pages} == {
        "text/html; charset=utf-8"
    }
    assert not any("Zoe" in page.text or "Secret society" in page.text for page in pages)
    assert await fingerprint(factory) == before


POSTS = ("/people/crews", "/people/contacts", "/people/import", "/me", "/me/sign-out-everywhere")


async def test_forms_of_other_sites_and_of_strangers_change_nothing(
    pool: Pool, browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew, contact = await factory.crew(maya, []), await factory.contact(maya)
    paths = [*POSTS, f"/people/contacts/{contact}", f"/people/contacts/{contact}/delete"]
    paths += [f"/people/crews/{crew}/{verb}" for verb in ("name", "delete", "people", "members")]
    before = await fingerprint(factory)
    async with stranger(app_with_own_pages(pool)) as nobody:
        for path in paths:
            assert (await browser.post(path, headers={"Sec-Fetch-Site": "cross-site"}, data=ANN)).status_code == 403
            turned_away = await nobody.post(path, data=ANN)
            assert (turned_away.status_code, turned_away.headers["location"]) == (303, "/sign-in")
    assert await fingerprint(factory) == before


async def test_names_are_text_wherever_they_stand(browser: httpx.AsyncClient, factory: Factory, maya: UUID) -> None:
    ann = await factory.contact(maya, EVIL, last_name=EVIL, email=EVIL, phone_number=EVIL)
    crew = await factory.crew(maya, [ann], EVIL)
    await factory.contact(maya, EVIL)
    await factory.do("update profiles set first_name = %s, preferred_timezone = %s", EVIL, EVIL)
    card = f"BEGIN:VCARD\nFN:{EVIL}\nTEL:{EVIL}\nEND:VCARD\nBEGIN:VCARD\nFN:{EVIL}\nTEL:+12125550177\nEND:VCARD\n"
    pages = [await browser.get(path) for path in (
        "/people", "/me", f"/people?q={EVIL}", f"/people/crews/{crew}", f"/people/crews/{crew}?q={EVIL}",
        f"/people/crews/{crew}/delete", f"/people/contacts/{ann}", f"/people/contacts/{ann}/delete",
    )]  # fmt: skip
    pages += [
        await browser.post("/people/contacts", data=dict.fromkeys(ANN, EVIL)),
        await browser.post("/me", data=dict.fromkeys(("first_name", "phone_number", "timezone"), EVIL)),
        await send_file(browser, card.encode(), into=EVIL),
    ]
    for page in pages:
        assert page.status_code in (200, 422)
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


# Oneself


async def test_a_newcomer_is_led_from_the_profile_to_the_people_to_a_new_sync(
    browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    await factory.do("update profiles set first_name = null, last_name = null, phone_number = null")
    for path in ("/people", "/new"):
        assert (await browser.get(path)).headers["location"] == "/me"
    assert "Who are you?" in (await browser.get("/me")).text
    profile = {"first_name": "May", "last_name": "", "phone_number": "212 555 0199", "timezone": "Europe/Berlin"}
    saved = await browser.post("/me", data=profile)
    assert saved.headers["location"] == "/people"
    assert await factory.rows("select first_name, phone_number, preferred_timezone from profiles") == [
        ("May", "+12125550199", "Europe/Berlin")
    ]
    assert 'href="/people">Make your first crew' in (await browser.get("/new")).text
    crew = (await browser.post("/people/crews", data={"crew_name": "Friends"})).headers["location"]
    await browser.post(f"{crew}/people", data=ANN)
    assert f'href="/new?crew={crew.rpartition("/")[2]}"' in (await browser.get(crew)).text
    assert (await browser.post("/me", data=profile)).headers["location"] == "/me?saved"
    assert "Saved." in (await browser.get("/me?saved")).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": " "}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"phone_number": "12"}, "phone_number"),
        ({"timezone": ""}, "timezone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_profile_is_said_beside_its_field(
    browser: httpx.AsyncClient, factory: Factory, changes: dict[str, str], field: str
) -> None:
    before = await fingerprint(factory)
    profile = {"first_name": "May", "last_name": "L", "phone_number": "212 555 0199", "timezone": "UTC"} | changes
    refused = await browser.post("/me", data=profile)
    assert (refused.status_code, list(problems_of(refused.text))) == (422, [field])
    kept = form_to(refused.text, "/me").fields
    assert {name: kept[name] for name in profile if name != "timezone"} == {
        name: value.strip() for name, value in profile.items() if name != "timezone"
    }
    assert await fingerprint(factory) == before


async def test_a_zone_under_an_older_name_is_kept(browser: httpx.AsyncClient, factory: Factory) -> None:
    await factory.do("update profiles set preferred_timezone = 'US/Eastern'")
    assert form_to((await browser.get("/me")).text, "/me").fields["timezone"] == "US/Eastern"


async def test_signing_out_everywhere_ends_every_session_of_ones_own(
    pool: Pool, browser: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    app = app_with_own_pages(pool)
    async with signed_in_visitor(app, maya) as phone, signed_in_visitor(app, await factory.organizer("Eve")) as other:
        assert "signed out everywhere" in (await browser.post("/me/sign-out-everywhere")).text
        assert (await phone.get("/me")).headers["location"] == "/sign-in?next=%2Fme"
        assert (await other.get("/me")).status_code == 200
    assert forms_of((await browser.get("/sign-in")).text)


# From a Supabase app


async def test_a_supabase_app_signs_its_user_out_of_the_pages_everywhere(
    pool: Pool, factory: Factory, maya: UUID
) -> None:
    app = app_with_own_pages(pool)
    eve = await factory.organizer("Eve")
    async with signed_in_visitor(app, maya) as phone, signed_in_visitor(app, eve) as other:
        async with client_for(app, maya) as supabase:
            assert (await supabase.delete("/api/me/sessions")).status_code == 204
        assert (await phone.get("/me")).headers["location"] == "/sign-in?next=%2Fme"
        assert (await other.get("/me")).status_code == 200
    async with client_for(app_for(pool), maya) as client:
        assert (await client.delete("/api/me/sessions")).status_code == 404


async def test_a_supabase_app_sends_its_user_over_by_a_link(pool: Pool, factory: Factory, maya: UUID) -> None:
    app = app_with_own_pages(pool)
    async with client_for(app, maya) as supabase:
        made = await supabase.post("/api/sign-in-links")
        twice = await supabase.post("/api/sign-in-links")
    assert made.status_code == 201
    assert made.json()["url"] != twice.json()["url"]
    assert made.json()["url"].startswith("http://test/sign-in/link/")
    async with stranger(app) as browser:
        assert "Sign in as Maya Lopez" in (await browser.get(made.json()["url"].removeprefix("http://test"))).text
        await browser.post(made.json()["url"].removeprefix("http://test"))
        assert (await browser.get("/me")).status_code == 200


async def test_no_link_is_made_without_a_profile_a_token_or_pages(pool: Pool, factory: Factory, maya: UUID) -> None:
    async with client_for(app_with_own_pages(pool), uuid4()) as newcomer:
        refused = await newcomer.post("/api/sign-in-links")
        assert (refused.status_code, "no profile yet" in refused.json()["detail"]) == (409, True)
    async with client_for(app_with_own_pages(pool)) as nobody:
        assert (await nobody.post("/api/sign-in-links")).status_code == 401
    async with client_for(app_for(pool), maya) as client:
        assert (await client.post("/api/sign-in-links")).status_code == 404
    assert await factory.rows("select id from auto_sync_sign_ins") == []
