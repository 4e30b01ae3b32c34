"""Google tokens at rest: sealed, upgraded where an older client wrote them openly, changed over to new keys."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from pydantic import SecretStr

from autosync.calendar_tokens import CalendarTokens, Sealed, Tokens
from autosync.calendars.seal import KEY_LENGTH, Seal, Unsealable, is_sealed, new_key
from autosync.database import google_tokens
from autosync.database.pool import Connection, connect
from autosync.model import Refused
from commands import autosync
from factories import Factory

OLD, NEW = os.urandom(KEY_LENGTH), os.urandom(KEY_LENGTH)
GIVEN = Tokens(SecretStr("ya29.access"), SecretStr("1//refresh"), datetime(2027, 1, 1, tzinfo=UTC), "calendar.events")


@pytest.fixture
def tokens() -> CalendarTokens:
    """Tokens under the newest key."""
    return CalendarTokens(Seal([NEW]))


async def stored(factory: Factory, user: UUID) -> tuple[str, str | None]:
    ((access, refresh),) = await factory.rows(
        "select access_token, refresh_token from google_calendar_tokens where user_id = %s", user
    )
    return access, refresh


async def written_openly(factory: Factory, access: str = "ya29.plain", refresh: str | None = "1//plain") -> UUID:
    """A row as an older client writes it."""
    user = await factory.organizer()
    await factory.insert("google_calendar_tokens", user_id=user, access_token=access, refresh_token=refresh)
    return user


async def test_what_is_stored_is_sealed_and_comes_back_as_it_was(
    factory: Factory, connection: Connection, tokens: CalendarTokens
) -> None:
    user = await factory.organizer()
    await tokens.store(connection, user, GIVEN)

    assert all(is_sealed(text or "") for text in await stored(factory, user))
    assert await tokens.load(connection, user) == GIVEN


async def test_a_refresh_without_a_new_refresh_token_keeps_the_old_one(
    factory: Factory, connection: Connection, tokens: CalendarTokens
) -> None:
    user = await factory.organizer()
    await tokens.store(connection, user, GIVEN)
    await tokens.store(connection, user, Tokens(SecretStr("ya29.second")))

    loaded = await tokens.load(connection, user)
    assert loaded is not None
    assert loaded.access_token.get_secret_value() == "ya29.second"
    assert loaded.refresh_token == GIVEN.refresh_token


async def test_nobody_without_tokens_has_any(factory: Factory, connection: Connection, tokens: CalendarTokens) -> None:
    assert await tokens.load(connection, await factory.organizer()) is None


@pytest.mark.parametrize("refresh", ["1//plain", None])
async def test_a_row_in_plain_text_is_read_and_sealed_at_once(
    factory: Factory, connection: Connection, tokens: CalendarTokens, refresh: str | None
) -> None:
    user = await written_openly(factory, refresh=refresh)

    for _ in range(2):
        loaded = await tokens.load(connection, user)
        assert loaded is not None
        assert loaded.access_token.get_secret_value() == "ya29.plain"
        assert (loaded.refresh_token.get_secret_value() if loaded.refresh_token else None) == refresh
        access, kept = await stored(factory, user)
        assert is_sealed(access)
        assert kept is None if refresh is None else is_sealed(kept or "")


async def test_without_a_key_plain_rows_can_be_read_but_nothing_is_written(
    factory: Factory, connection: Connection
) -> None:
    user = await written_openly(factory)
    keyless = CalendarTokens(None)

    assert (await keyless.load(connection, user)) is not None
    with pytest.raises(Refused, match="AUTOSYNC_TOKEN_KEYS"):
        await keyless.store(connection, user, GIVEN)
    assert await stored(factory, user) == ("ya29.plain", "1//plain")


async def test_keys_are_changed_over_without_losing_a_token(factory: Factory, connection: Connection) -> None:
    users = [await factory.organizer() for _ in range(3)]
    for user in users[:2]:
        await CalendarTokens(Seal([OLD])).store(connection, user, GIVEN)
    users[2] = await written_openly(factory)

    assert await CalendarTokens(Seal([NEW, OLD])).seal_all(connection) == Sealed(sealed=3)

    only_new = CalendarTokens(Seal([NEW]))
    assert await only_new.load(connection, users[0]) == GIVEN
    assert (await only_new.load(connection, users[2])) is not None
    assert await only_new.seal_all(connection) == Sealed()


async def test_one_row_under_a_lost_key_does_not_keep_the_others_open(
    factory: Factory, connection: Connection, tokens: CalendarTokens
) -> None:
    lost = await factory.organizer()
    await CalendarTokens(Seal([OLD])).store(connection, lost, GIVEN)
    await written_openly(factory)

    assert await tokens.seal_all(connection) == Sealed(sealed=1, unreadable=(lost,))
    with pytest.raises(Unsealable, match=f"{lost} cannot be opened"):
        await tokens.load(connection, lost)


async def test_a_token_that_another_client_refreshes_meanwhile_is_not_overwritten(
    factory: Factory, connection: Connection, database_url: str, tokens: CalendarTokens
) -> None:
    user = await written_openly(factory)
    read = await google_tokens.load(connection, user)
    assert read is not None
    async with connect(database_url) as other:
        await other.execute("update google_calendar_tokens set access_token = 'ya29.newer' where user_id = %s", [user])

    late = google_tokens.Replacement(read, "sealed:late", "sealed:late")
    assert await google_tokens.replace(connection, [late]) == 0

    loaded = await tokens.load(connection, user)
    assert loaded is not None
    assert loaded.access_token.get_secret_value() == "ya29.newer"


async def test_a_sealed_token_copied_into_another_row_does_not_open(
    factory: Factory, connection: Connection, tokens: CalendarTokens
) -> None:
    owner, thief = await factory.organizer(), await factory.organizer()
    for user in (owner, thief):
        await tokens.store(connection, user, GIVEN)
    await factory.do(
        "update google_calendar_tokens set access_token ="
        " (select access_token from google_calendar_tokens where user_id = %s) where user_id = %s", owner, thief
    )  # fmt: skip
    with pytest.raises(Unsealable, match="another row"):
        await tokens.load(connection, thief)


async def test_no_token_shows_when_one_is_printed_or_goes_wrong(
    factory: Factory, connection: Connection, tokens: CalendarTokens
) -> None:
    user = await written_openly(factory)
    shown = [repr(await google_tokens.load(connection, user)), repr(await tokens.load(connection, user)), repr(GIVEN)]
    with pytest.raises(psycopg.Error) as refused:
        await tokens.store(connection, UUID(int=7), GIVEN)
    assert not [text for text in [*shown, str(refused.value)] if "ya29" in text or "1//" in text]


# The command


async def test_the_command_seals_what_lies_open(factory: Factory, database_url: str) -> None:
    user = await written_openly(factory)
    key = autosync("calendars", "new-key").out.strip()

    ran = autosync("calendars", "seal", database_url=database_url, AUTOSYNC_TOKEN_KEYS=key)

    assert (ran.code, ran.out) == (0, "1 sealed with the newest key, 0 that no key at hand opens\n")
    assert all(is_sealed(text or "") for text in await stored(factory, user))
    assert "plain" not in ran.out + ran.err

    other = autosync("calendars", "seal", database_url=database_url, AUTOSYNC_TOKEN_KEYS=new_key())
    assert other.code == 1
    assert f"The tokens of {user} stay as they were" in other.err


def test_the_command_without_a_key_says_how_to_make_one(database_url: str) -> None:
    ran = autosync("calendars", "seal", database_url=database_url)
    assert ran.code == 1
    assert "`autosync calendars new-key`" in ran.err


@pytest.mark.parametrize("keys", ["short", "a" * 44, "not base64!" * 4])
def test_a_wrong_key_is_refused_at_start_without_being_shown(keys: str) -> None:
    ran = autosync("settings", AUTOSYNC_TOKEN_KEYS=keys)
    assert ran.code == 2
    assert "AUTOSYNC_TOKEN_KEYS should be keys" in ran.err
    assert keys not in ran.err
