"""Address-book files on their way into an organizer's contacts and crew."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from autosync.address_book import UnreadableAddressBook
from autosync.contacts import import_address_book
from autosync.database.pool import Connection, Pool
from autosync.model import Refused
from factories import Factory

FILE = b"""name,phone
Ann Abara,(212) 555-0111
Broken,12
Ben Brandt,+12125550112
Ann Again,212-555-0111
"""


async def test_good_rows_go_in_and_bad_ones_are_reported_by_line(factory: Factory, connection: Connection) -> None:
    organizer = await factory.organizer()

    done = await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")

    assert (done.added, done.known, done.joined) == (2, 0, 2)
    assert [bad.line for bad in done.bad_rows] == [3, 5]
    rows = await factory.rows(
        "select c.first_name, c.phone_number, w.name from contacts c join crew_members m on m.contact_id = c.id"
        " join crews w on w.id = m.crew_id where c.user_id = %s order by 1",
        organizer,
    )
    assert rows == [("Ann", "+12125550111", "Hikers"), ("Ben", "+12125550112", "Hikers")]


async def test_a_file_imported_again_changes_nothing(factory: Factory, connection: Connection) -> None:
    organizer = await factory.organizer()
    await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")

    again = await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")

    assert (again.added, again.known, again.joined) == (0, 2, 0)
    assert await factory.one("select count(*) from contacts") == 2
    assert await factory.one("select count(*) from crew_members") == 2


async def test_nobody_joins_a_crew_twice_where_no_key_prevents_it(factory: Factory, connection: Connection) -> None:
    await factory.do("alter table crew_members drop constraint crew_members_pkey")
    organizer = await factory.organizer()
    for expected in (2, 0):
        done = await import_address_book(connection, FILE, organizer_id=organizer, crew="Friends", region="US")
        assert done.joined == expected
    assert await factory.one("select count(*) from crew_members") == 2


async def test_two_imports_of_the_same_people_at_once_put_each_in_once(factory: Factory, pool: Pool) -> None:
    organizer = await factory.organizer()

    async def bring_in() -> int:
        async with pool.connection() as connection:
            done = await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")
            return done.added

    added = await asyncio.gather(*(bring_in() for _ in range(6)))

    assert sorted(added) == [0, 0, 0, 0, 0, 2]
    assert await factory.one("select count(*) from contacts") == 2
    assert await factory.one("select count(*) from crews") == 1


async def test_people_of_another_organizer_are_not_shared(factory: Factory, connection: Connection) -> None:
    for name in ("Maya", "Otto"):
        organizer = await factory.organizer(name)
        done = await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")
        assert (done.added, done.joined) == (2, 2)

    assert await factory.one("select count(*) from contacts") == 4


@pytest.mark.parametrize(
    ("data", "crew", "error", "sentence"),
    [
        (b"", "Hikers", UnreadableAddressBook, "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Hikers", UnreadableAddressBook, "neither|not"),
        (b"name,phone\nAnn,12\n", "Hikers", Refused, "no usable row"),
        (FILE, "  ", Refused, "crew's name"),
        (FILE, "x" * 101, Refused, "crew's name"),
    ],
)
async def test_a_file_that_cannot_go_in_leaves_nothing_behind(
    factory: Factory, connection: Connection, data: bytes, crew: str, error: type[Exception], sentence: str
) -> None:
    organizer = await factory.organizer()

    with pytest.raises(error, match=sentence):
        await import_address_book(connection, data, organizer_id=organizer, crew=crew, region="US")

    assert await factory.one("select count(*) from contacts") == 0
    assert await factory.one("select count(*) from crews") == 0


async def test_an_organizer_who_does_not_exist_is_refused(factory: Factory, connection: Connection) -> None:
    with pytest.raises(Refused, match="There is no organizer"):
        await import_address_book(connection, FILE, organizer_id=uuid4(), crew="Hikers", region="US")


async def test_somebody_whose_number_was_written_another_way_is_known(factory: Factory, connection: Connection) -> None:
    organizer = await factory.organizer()
    ann = await factory.contact(organizer, "Ann", phone_number="(212) 555-0111")

    done = await import_address_book(connection, FILE, organizer_id=organizer, crew="Hikers", region="US")

    assert (done.added, done.known, done.joined) == (1, 1, 2)
    assert await factory.one("select count(*) from crew_members where contact_id = %s", ann) == 1


async def test_a_file_without_a_usable_row_says_why_of_each_line(factory: Factory, connection: Connection) -> None:
    organizer = await factory.organizer()
    with pytest.raises(Refused, match=r"Line 2: .* Line 3: "):
        await import_address_book(
            connection, b"name,phone\nAnn,12\nBen,letters\n", organizer_id=organizer, crew="Hikers", region="US"
        )
