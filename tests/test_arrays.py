"""Arrays as PostgreSQL reads them."""

from __future__ import annotations

from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autosync.database import arrays
from autosync.database.pool import Connection

ANY_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@given(values=st.lists(ANY_TEXT))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_any_texts_arrive_as_they_were(connection: Connection, values: list[str]) -> None:
    cursor = await connection.execute("select %s::text[]", [arrays.texts(values)])
    assert await cursor.fetchone() == (values,)


async def test_ids_arrive_as_they_were_with_those_that_are_missing(connection: Connection) -> None:
    values: list[UUID | None] = [uuid4(), None, uuid4()]
    cursor = await connection.execute("select %s::uuid[], %s::uuid[]", [arrays.uuids(values), arrays.uuids([])])
    assert await cursor.fetchone() == (values, [])


async def test_words_arrive_as_they_were(connection: Connection) -> None:
    cursor = await connection.execute("select %s::text[]", [arrays.words(["reminder", "goal_met"])])
    assert await cursor.fetchone() == (["reminder", "goal_met"],)
