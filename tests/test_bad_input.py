"""Whatever comes in at the doors that are not HTTP: arguments of commands, and rows that other clients may write.

One clear sentence, nothing lost, and nobody else kept waiting. HTTP is tried in test_http_surface.py, address books in
test_address_book.py, texts that come in in test_replies.py.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
import typer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autosync import explanations
from autosync.cli import run
from autosync.cli.app import app
from autosync.database import operations
from autosync.database.pool import Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.doctor.review import review
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from factories import Factory, at_noon

# Commands

GOES_ON = {"demo", "serve", "worker", "bench", "fake-google", "fake-twilio"}
"""These go on for long, or start servers; their options are tried by name elsewhere."""


def commands_of(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every command with its options."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*path, name))
        elif name not in GOES_ON:
            yield (*path, name), [option for each in command.params for option in each.opts if option.startswith("-")]


COMMANDS = list(commands_of(typer.main.get_command(app)))
WORDS = st.one_of(
    st.text(max_size=40), st.uuids().map(str), st.integers().map(str), st.just("/nonexistent/file"), st.just("-"),
    st.sampled_from(["", "1", "production", "\u202edrawkcab", "🎲" * 30, "x" * 100_000, "2026-02-30 25:61", "--"]),
)  # fmt: skip


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with options that it has, and anything for their values."""
    path, options = draw(st.sampled_from(COMMANDS))
    chosen = draw(st.lists(st.sampled_from(options), max_size=4)) if options else []
    arguments = [part for option in chosen for part in (option, *draw(st.lists(WORDS, max_size=1)))]
    return [*path, *arguments, *draw(st.lists(WORDS, max_size=2))]


def run_here(arguments: list[str], url: str) -> tuple[int, str, str]:
    """The exit code, and what it says, without a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    os.environ["DATABASE_URL"] = url
    code: int | str | None = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run(arguments)
        except SystemExit as end:
            code = end.code
    return (code if isinstance(code, int) else 0), out.getvalue(), err.getvalue()


@pytest.mark.usefixtures("clean_environment")
def test_every_command_takes_anything_and_says_in_one_sentence_what_is_wrong(direct_url: str) -> None:
    @settings(
        max_examples=150, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck), derandomize=True, database=None,
    )  # fmt: skip
    @given(command_lines())
    def takes(arguments: list[str]) -> None:
        code, out, err = run_here(arguments, direct_url)
        assert code in (0, 1, 2), arguments
        assert "Traceback" not in err, arguments
        assert (code == 0) or out or err, arguments
        if code == 2 and not out and "Usage:" not in err:
            assert err.count("\n") == 1, arguments
            assert err.startswith("autosync: "), arguments

    takes()


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests; standard input is empty."""
    for name in list(os.environ):
        if name.startswith("AUTOSYNC_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))


# Rows

NAMES = st.one_of(
    st.none(), st.text(max_size=30).map(lambda text: text.replace("\x00", "")), st.just(" "), st.just("\u202eannA"),
    st.just("👩‍👩‍👧‍👦" * 20), st.just("x" * 100_000), st.just("'; drop table job_queue; --"), st.just("{name} %s \\"),
)  # fmt: skip
ZONES = st.sampled_from([None, "", "Nowhere", "America", "../etc/passwd", "Asia/Kathmandu", "EST5EDT", "UTC", "🕰"])
MOMENTS = st.sampled_from(
    ["infinity", "-infinity", "4713-01-01 BC", "294276-01-01", "0001-01-01", "2026-11-28 12:00", "9999-12-31 23:59+14"]
)
NUMBERS = st.sampled_from([None, "", "911", "+1212", "not a number", "+442071838750", "+" + "9" * 40, "+12125550100"])
ODD_ROWS = st.fixed_dictionaries(
    {
        "event_name": NAMES.map(lambda name: name if name is not None else ""),
        "event_location": NAMES,
        "timezone": ZONES,
        "started_at": st.one_of(st.none(), MOMENTS),
        "metadata": st.sampled_from(["{}", "[]", "null", '{"chosen_option_id": 7}', '"text"']),
    }
)
OPTIONS = st.lists(st.tuples(MOMENTS, st.one_of(st.none(), MOMENTS)), max_size=3)
PEOPLE = st.lists(st.tuples(NAMES, NAMES, NUMBERS), max_size=3)
KINDS = st.sampled_from(["initial", "reminder", "invite", "carrier_pigeon", ""])


def make_dispatcher(pool: Pool) -> Dispatcher:
    gateway = RecordGateway()
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


async def write_odd_rows(
    factory: Factory, organizer: UUID, row: dict[str, Any], options: list[Any], people: list[Any], kind: str
) -> UUID | None:
    """As another client would; None where the database itself refuses them, as a whole."""
    with contextlib.suppress(psycopg.DataError, psycopg.IntegrityError):
        async with factory.connection.transaction():
            sync = await factory.insert("auto_syncs", organizer_id=organizer, **row)
            for number, (start, end) in enumerate(options, start=1):
                await factory.insert("auto_sync_options", auto_sync_id=sync, idx=number, start_time=start, end_time=end)
            for first, last, number in people:
                contact = await factory.insert(
                    "contacts", user_id=organizer, first_name=first, last_name=last, phone_number=number
                )
                await factory.insert(
                    "auto_sync_messages", auto_sync_id=sync, contact_id=contact, message_type="initial"
                )
                await factory.insert(
                    "auto_sync_messages", auto_sync_id=sync, contact_id=contact, message_type=kind, status="queued",
                    body=str(first), sent_at=None, send_after="-infinity",
                )  # fmt: skip
            await factory.do(
                "update job_queue set scheduled_at = autosync_now() - interval '1 second' where sync_id = %s", sync
            )
        return sync
    return None


async def test_whatever_rows_another_client_writes_everybody_elses_jobs_and_texts_go_on(direct_url: str) -> None:
    async with connect(direct_url) as connection, open_pool(direct_url) as pool:
        factory = Factory(connection)
        await at_noon(factory)
        organizer = await factory.organizer()
        cases: list[tuple[Any, ...]] = []

        @settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
        @given(st.tuples(ODD_ROWS, OPTIONS, PEOPLE, KINDS))
        def collect(case: tuple[Any, ...]) -> None:
            cases.append(case)

        collect()
        written = 0
        for case in cases:
            odd = await write_odd_rows(factory, organizer, *case)
            plain = await factory.sync(invitees=2)
            await factory.make_due(plain.id, "reminder_24h")
            await Processor(pool=pool).process_due()
            await make_dispatcher(pool).dispatch_due()
            assert await factory.jobs(plain.id) != [], case
            assert len([text for text in await factory.texts(plain.id, "reminder") if text[1] == "sent"]) == 2, case
            if odd is not None:
                written += 1
                await every_row_can_be_explained(factory, odd)
        assert written > len(cases) / 2, "most of these rows can be written, and none did harm"
        left = await factory.rows(
            "select job_type, error_message from job_queue j where status = 'pending' and scheduled_at <="
            " autosync_now() and not exists (select from job_failures f where f.job_id = j.id)"
        )
        assert left == [], "what could not be done says why"
        assert (await review(connection, demo_expected=True)).findings


async def every_row_can_be_explained(factory: Factory, sync: UUID) -> None:
    """In sentences, whatever is in it."""
    for (job,) in await factory.rows("select id from job_queue where sync_id = %s", sync):
        facts = await operations.load_job(factory.connection, job)
        assert facts is not None
        assert all(sentence for sentence in explanations.of_job(facts))
    for (text,) in await factory.rows("select id from auto_sync_messages where auto_sync_id = %s", sync):
        facts_of_text = await operations.load_message(factory.connection, text)
        assert facts_of_text is not None
        assert all(sentence for sentence in explanations.of_message(facts_of_text))


async def test_an_event_name_of_ten_megabytes_is_texted_in_a_line(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(event_name="x" * 10_000_000, event_location="🎲" * 1_000_000)
    await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool).process_due()
    await make_dispatcher(pool).dispatch_due()
    reminders = await factory.texts(sync.id, "reminder")
    assert [status for _, status, *_ in reminders] == ["sent"] * 3
    assert max(len(body) for _, _, body, _ in reminders) < 400


async def test_a_crew_of_a_hundred_thousand_is_reminded_and_keeps_nobody_waiting(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    crowd = await factory.sync(invitees=0)
    await factory.do(
        "with people as (insert into contacts (user_id, first_name, phone_number)"
        " select %s, 'Ann', '+1212' || 2000000 + n from generate_series(1, 100000) n returning id)"
        " insert into auto_sync_messages (auto_sync_id, contact_id, message_type) select %s, id, 'initial' from people",
        crowd.organizer, crowd.id,
    )  # fmt: skip
    few = await factory.sync(invitees=3)
    for sync in (crowd, few):
        await factory.make_due(sync.id, "reminder_24h")
    summary = await Processor(pool=pool).process_due()
    assert (summary.processed, summary.messages) == (2, 100_000 + 1 + 3 + 1)
    dispatcher = make_dispatcher(pool)
    while not await factory.one(
        "select bool_and(status = 'sent') from auto_sync_messages where auto_sync_id = %s", few.id
    ):
        await dispatcher.dispatch_once()
    waiting = await factory.one("select count(*) from auto_sync_messages where status = 'queued'")
    assert waiting > 99_000, "a few texts of the crowd had left when those of the few had"
