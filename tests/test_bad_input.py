"""Whatever comes in at the doors that are not HTTP: arguments of commands, and rows that other clients may write.

One clear sentence, nothing lost, and nobody else kept waiting. HTTP is tried in test_http_surface.py, address books in
test_address_book.py, texts that come in in test_replies.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import unicodedata
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import typer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import sql
from psycopg.errors import CheckViolation

from autosync import explanations, inbox, syncs
from autosync.cli import run
from autosync.cli.app import app
from autosync.database import operations, people
from autosync.database.address_book import leaf_through
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.doctor.review import review
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.model import Refused, ResponseGoal, Unusable
from autosync.processor import Processor
from autosync.web.pages.ops import plots
from autosync.web.pages.ops.board import _drawn
from autosync.web.pages.ops.now import read_now
from factories import Factory, MadeSync, acting_as, at_noon, run_migrations

# Commands

GOES_ON = {"demo", "serve", "worker", "bench", "fake-google", "fake-twilio"}
"""These go on for long, or start servers; their options are tried by name elsewhere."""


@dataclass(frozen=True)
class Command:
    """A command, and what it takes: options with a value and without, those that it needs, and how many arguments."""

    path: tuple[str, ...]
    valued: tuple[str, ...]
    flags: tuple[str, ...]
    needed: tuple[str, ...]
    arguments: int


def commands_of(group: Any, path: tuple[str, ...] = ()) -> Iterator[Command]:
    """Every command."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands_of(command, (*path, name))
        elif name not in GOES_ON:
            options = [each for each in command.params if each.opts[0].startswith("-")]
            yield Command(
                (*path, name),
                tuple(option for each in options if not each.is_flag for option in each.opts),
                tuple(option for each in options if each.is_flag for option in each.opts),
                tuple(each.opts[0] for each in options if each.required),
                len(command.params) - len(options),
            )


COMMANDS = list(commands_of(typer.main.get_command(app)))
UNUSUAL = {
    "Hebrew": "דָּנָה כֹּהֵן",
    "Arabic": "لَيْلَى العَرَبِيّ",
    "two directions": "Dana דנה (1) ليلى 2",
    "emoji": "🎲🕯️",
    "emoji joined from several": "👩‍👩‍👧‍👦 🏳️‍🌈 🇮🇱 👍🏽",
}
IDS = [f"<{what}>" for what in ("organizer", "crew", "contact", "sync", "option", "job", "text")]
"""What stands for an id of something that is there."""
WORDS = st.one_of(
    st.text(max_size=40), st.uuids().map(str), st.integers().map(str), st.just("/nonexistent/file"), st.just("-"),
    st.sampled_from(["", "1", "production", "\u202edrawkcab", "🎲" * 30, "x" * 100_000, "2026-02-30 25:61", "--"]),
    st.sampled_from(list(UNUSUAL.values())),
)  # fmt: skip
SOUND = {
    "--organizer": "<organizer>",
    "--crew": "<crew>",
    "--event": "Dinner",
    "--option": "2027-03-01 18:00",
    "--timezone": "Europe/Berlin",
    "--phone": "+12125550199",
    "--from": "+12125550199",
    "--limit": "3",
}
"""What options take; one of the ids is right for most others, and for arguments."""


def words_for(option: str = "") -> st.SearchStrategy[str]:
    """A value, which is sound half of the time."""
    return st.one_of(st.just(SOUND[option]) if option in SOUND else st.sampled_from(IDS), WORDS)


@st.composite
def command_lines(draw: st.DrawFn, command: Command) -> list[str]:
    """This command with anything for the values that it takes; or, now and then, with as many as come to mind."""
    is_careful = draw(st.sampled_from([True, True, False]))

    def some(options: tuple[str, ...]) -> list[str]:
        return draw(st.lists(st.sampled_from(options), max_size=2, unique=is_careful)) if options else []

    valued, flags = some(command.valued), some(command.flags)
    if is_careful:
        count = command.arguments
        valued = [*command.needed, *(option for option in valued if option not in command.needed)]
    else:
        count = draw(st.integers(0, 2))
    values = [
        word
        for option in valued
        for word in (option, *draw(st.lists(words_for(option), min_size=is_careful, max_size=1)))
    ]
    return [*command.path, *values, *flags, *draw(st.lists(words_for(), min_size=count, max_size=count))]


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
    ids, beside = asyncio.run(two_syncs(direct_url))
    before = everything(direct_url)
    refused: Counter[int] = Counter()
    lines: list[list[str]] = []

    @settings(
        max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.tuples(*map(command_lines, COMMANDS)))
    def collect(one_of_each: tuple[list[str], ...]) -> None:
        lines.extend(one_of_each)

    collect()
    for line in lines:
        arguments = [ids.get(word, word) for word in line]
        code, out, err = run_here(arguments, direct_url)
        assert code in (0, 1, 2), arguments
        assert "Traceback" not in err, arguments
        assert (code == 0) or out or err, arguments
        after = everything(direct_url)
        if code != 0 and not out and "Usage:" not in err:
            refused[code] += 1
            assert err.count("\n") == 1, arguments
            assert err.startswith("autosync: "), arguments
            assert after == before, arguments
        before = after
    assert len(lines) == 4 * len(COMMANDS) > 200, "each command was tried, with four lines"
    assert (refused[1] >= 5, refused[2] >= 50) == (True, True), "there were both kinds of refusal"
    asyncio.run(its_jobs_go_on(direct_url, beside))


async def two_syncs(url: str) -> tuple[dict[str, str], UUID]:
    """Ids of what belongs to one sync, by what stands for them; and another sync, which nobody names."""
    async with connect(url) as connection:
        factory = Factory(connection)
        named, beside = await factory.sync(), await factory.sync(invitees=2)
        crew = await factory.crew(named.organizer, named.contacts)
        job = await factory.one("select id from job_queue where sync_id = %s limit 1", named.id)
        text = await factory.one("select id from auto_sync_messages where auto_sync_id = %s limit 1", named.id)
    ids = (named.organizer, crew, named.contacts[0], named.id, named.options[0], job, text)
    return dict(zip(IDS, map(str, ids), strict=True)), beside.id


def everything(url: str) -> dict[str, str]:
    """What stands in each table, in a few letters each."""
    with psycopg.connect(url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        query = sql.SQL(" union all ").join(
            sql.SQL("select {}, md5(string_agg(t::text, '' order by t::text)) from {} as t").format(
                sql.Literal(table), sql.Identifier("public", table)
            )
            for (table,) in tables
        )
        return dict(connection.execute(query).fetchall())


async def its_jobs_go_on(url: str, sync: UUID) -> None:
    """A reminder that is due reaches both who were asked."""
    async with connect(url) as connection, open_pool(url) as pool:
        factory = Factory(connection)
        await factory.make_due(sync, "reminder_24h")
        await Processor(pool=pool).process_due()
        assert len(await factory.texts(sync, "reminder")) == 2


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
    st.just("👩‍👩‍👧‍👦" * 20), st.sampled_from(list(UNUSUAL.values())),
    st.just("x" * 100_000), st.just("'; drop table job_queue; --"), st.just("{name} %s \\"),
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
EMAILS = st.one_of(
    NAMES, st.sampled_from(["ann@example.com", "ann@example.com\r\nBcc: all@example.com", "@", "mailto:a@b?subject=%s"])
)
PEOPLE = st.lists(st.tuples(NAMES, NAMES, NUMBERS, EMAILS), max_size=3)
TEXTS = st.fixed_dictionaries(
    {
        "message_type": st.sampled_from(["initial", "reminder", "invite", "clarification", "carrier_pigeon", ""]),
        "created_at": MOMENTS,
        "claimed_at": st.one_of(st.none(), MOMENTS),
        "doubted_at": st.one_of(st.none(), MOMENTS),
    }
)


WHOM = st.sampled_from(["ASKED", "NOT-ASKED", "SOMEBODY-ELSES", "MISSING"])
ANSWERS = st.fixed_dictionaries(
    {
        "contact_id": WHOM,
        "option_ids": st.sampled_from(
            [None, "{}", "{OWN}", "{NULL}", "{OWN,NULL}", "{SOMEBODY-ELSES-OPTION}", "{MISSING,MISSING,OWN,OWN}",
             "{{OWN},{MISSING}}", "[7:8]={OWN,MISSING}"]
        ),
        "response_type": st.sampled_from(["available", "not_available", "perhaps"]),
        "responded_at": st.one_of(st.just("now"), MOMENTS),
        "updated_at": st.one_of(st.just("now"), MOMENTS),
    }
)  # fmt: skip
JOBS = st.fixed_dictionaries(
    {
        "job_type": st.sampled_from(["reminder_24h", "pause_check_48h", "auto_end_check", "carrier_pigeon", ""]),
        "scheduled_at": MOMENTS,
        "status": st.sampled_from([None, "pending", "pending", "processing", "processed", "skipped", "failed", "lost"]),
        "created_at": st.one_of(st.none(), MOMENTS),
        "processed_at": st.one_of(st.none(), MOMENTS),
        "error_message": NAMES,
    }
)
PROFILES = st.fixed_dictionaries(
    {"first_name": NAMES, "last_name": NAMES, "phone_number": NUMBERS, "preferred_timezone": ZONES}
)
CREWS = st.lists(
    st.fixed_dictionaries(
        {"creator_id": st.sampled_from(["ORGANIZER", "ORGANIZER", "ORGANIZER-OF-OTHERS", "MISSING"]), "name": NAMES}
    ),
    min_size=1,
    max_size=3,
)
AROUND = st.tuples(
    st.lists(ANSWERS, min_size=1, max_size=3), st.lists(JOBS, min_size=1, max_size=4), PROFILES,
    st.lists(WHOM, max_size=3), CREWS, EMAILS,
)  # fmt: skip


def make_dispatcher(pool: Pool) -> Dispatcher:
    gateway = RecordGateway()
    return Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US")


async def write_odd_rows(
    factory: Factory,
    organizer: UUID,
    row: dict[str, Any],
    options: list[Any],
    people: list[Any],
    text: dict[str, Any],
) -> UUID | None:
    """As another client would; None where the database itself refuses them, as a whole."""
    with contextlib.suppress(psycopg.DataError, psycopg.IntegrityError):
        async with factory.connection.transaction():
            sync = await factory.insert("auto_syncs", organizer_id=organizer, **row)
            for number, (start, end) in enumerate(options, start=1):
                await factory.insert("auto_sync_options", auto_sync_id=sync, idx=number, start_time=start, end_time=end)
            for first, last, number, email in people:
                contact = await factory.insert(
                    "contacts", user_id=organizer, first_name=first, last_name=last, phone_number=number, email=email
                )
                await factory.insert(
                    "auto_sync_messages", auto_sync_id=sync, contact_id=contact, message_type="initial"
                )
                for status in ("queued", "unknown", "sending"):
                    await factory.insert(
                        "auto_sync_messages", auto_sync_id=sync, contact_id=contact, status=status, body=str(first),
                        sent_at=None, send_after="-infinity", attempt=1, gateway="record",
                        phone_number="+12125550100", **text,
                    )  # fmt: skip
            await factory.do(
                "update job_queue set scheduled_at = autosync_now() - interval '1 second' where sync_id = %s", sync
            )
        return sync
    return None


@pytest.fixture(params=["newest", "postgres-15"])
def any_server_url(request: pytest.FixtureRequest) -> str:
    """A database on each server in turn: before PostgreSQL 17, none can subtract infinity."""
    if request.param == "newest":
        newest: str = request.getfixturevalue("direct_url")
        return newest
    older: str = request.getfixturevalue("empty_postgres_15_url")
    run_migrations(older)
    return older


async def test_whatever_rows_another_client_writes_everybody_elses_jobs_and_texts_go_on(any_server_url: str) -> None:
    async with connect(any_server_url) as connection, open_pool(any_server_url) as pool:
        factory = Factory(connection)
        await at_noon(factory)
        organizer = await factory.organizer()
        cases: list[tuple[Any, ...]] = []

        @settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
        @given(st.tuples(ODD_ROWS, OPTIONS, PEOPLE, TEXTS))
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
            while await make_dispatcher(pool).look_up_once():
                pass
            assert await factory.jobs(plain.id) != [], case
            assert len([text for text in await factory.texts(plain.id, "reminder") if text[1] == "sent"]) == 2, case
            if odd is not None:
                written += 1
                await every_row_can_be_explained(factory, odd)
        assert written > len(cases) / 2, "most of these rows can be written, and none did harm"
        await nothing_is_left_without_a_word(factory)
        assert (await review(connection, demo_expected=True)).findings


async def test_operators_see_their_board_whatever_moments_another_client_writes(any_server_url: str) -> None:
    async with connect(any_server_url) as connection:
        factory = Factory(connection)
        sync = await factory.sync(invitees=1)
        for moment in ("-infinity", "infinity", "4713-01-01 BC", "294276-01-01"):
            await factory.insert(
                "job_queue", sync_id=sync.id, job_type="reminder_24h", status="processed", scheduled_at=moment,
                processed_at=datetime.now(UTC),
            )  # fmt: skip
            await factory.insert(
                "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder",
                status="unknown", sent_at=None, claimed_at=moment, body="Tea?", cause_id=uuid4(),
            )  # fmt: skip
            now = await read_now(connection)
            for range_ in plots.RANGES.values():
                assert await _drawn(connection, now, range_) != []
            told = [finding.what for finding in (await review(connection, demo_expected=True)).findings]
            assert told
            assert [what for what in told if what.startswith("Cannot tell")] == []
            await factory.do("delete from auto_sync_messages where status = 'unknown'")


@pytest.mark.parametrize("moment", ["infinity", "294276-01-01", "-infinity", None])
async def test_a_text_that_has_been_leaving_at_no_moment_holds_up_neither_a_stop_nor_an_end(
    moment: str | None, factory: Factory, pool: Pool
) -> None:
    sync = await factory.sync(invitees=1)
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    text = await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder",
        status="sending", sent_at=None, claimed_at=moment, body="Tea?", cause_id=uuid4(), phone_number=number,
    )  # fmt: skip

    async with asyncio.timeout(30):
        await inbox.receive(factory.connection, inbox.InboundText("record", "1", number, "STOP"), region="US")
        await syncs.stop(factory.connection, sync.id)

    assert await factory.one("select count(*) from auto_sync_suppressions") == 1
    await make_dispatcher(pool).look_up_once()
    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "unknown"


async def test_what_nobody_has_noted_is_given_no_date(factory: Factory) -> None:
    """As in rows from before these columns."""
    sync = await factory.sync(invitees=1)
    text = await factory.insert(
        "auto_sync_messages", auto_sync_id=sync.id, contact_id=sync.contacts[0], message_type="reminder",
        status="sent", body="Tea?", created_at=None,
    )  # fmt: skip
    await factory.do("update job_queue set created_at = null")
    job = await factory.one("select id from job_queue where sync_id = %s limit 1", sync.id)
    facts, facts_of_text = (
        await operations.load_job(factory.connection, job), await operations.load_message(factory.connection, text)
    )  # fmt: skip
    assert facts is not None
    assert facts_of_text is not None
    assert (facts.created_at, facts_of_text.created_at, facts_of_text.claimed_at) == (None, None, None)


@dataclass
class Around:
    """A sync of two, around which another client writes: answers, jobs, its organizer's profile, its crew."""

    factory: Factory
    sync: MadeSync
    crew: UUID
    meant: dict[str, UUID]

    @classmethod
    async def make(cls, factory: Factory, other: MadeSync) -> Around:
        sync = await factory.sync(invitees=2)
        crew = await factory.crew(sync.organizer, sync.contacts)
        meant = {
            "SOMEBODY-ELSES-OPTION": other.options[0],
            "SOMEBODY-ELSES": other.contacts[0],
            "ORGANIZER-OF-OTHERS": other.organizer,
            "ORGANIZER": sync.organizer,
            "NOT-ASKED": await factory.contact(sync.organizer),
            "ASKED": sync.contacts[0],
            "OWN": sync.options[0],
            "MISSING": uuid4(),
        }
        return cls(factory, sync, crew, meant)

    async def write(
        self,
        answers: list[Any],
        jobs: list[Any],
        profile: dict[str, Any],
        members: list[Any],
        crews: list[Any],
        email: str | None,
    ) -> int:
        """Instead of its jobs, and each row by itself; how many the database took."""
        await self.factory.do("delete from job_queue where sync_id = %s", self.sync.id)
        rows = [
            *(("auto_sync_responses", {"auto_sync_id": self.sync.id, **answer}) for answer in answers),
            *(("job_queue", {"sync_id": self.sync.id, **job}) for job in jobs),
            *(("crew_members", {"crew_id": self.crew, "contact_id": member}) for member in members),
            *(("crews", crew) for crew in crews),
        ]
        taken = [await self._inserts(table, columns) for table, columns in rows]
        for column, value in profile.items():
            query = sql.SQL("update profiles set {} = %s where id = %s").format(sql.Identifier(column))
            taken.append(await self._takes(query, [value, self.sync.organizer]))
        write = sql.SQL("update contacts set email = %s where id = %s")
        taken.append(await self._takes(write, [email, self.sync.contacts[0]]))
        return sum(taken)

    async def is_listed(self) -> None:
        """Whoever opens their address book finds all of it, whatever it holds."""
        crews = await people.list_crews(self.factory.connection, self.sync.organizer)
        mine = "select count(*) from crews where creator_id = %s"
        assert len(crews) == await self.factory.one(mine, self.sync.organizer)
        leaf = await leaf_through(self.factory.connection, self.sync.organizer, search="@", limit=100)
        mine = "select count(*) from contacts where user_id = %s and email like '%%@%%'"
        assert len(leaf.contacts) >= await self.factory.one(mine, self.sync.organizer)
        for crew, _ in crews:
            await people.list_members(self.factory.connection, crew.id)
            assert (await people.find_crews(self.factory.connection, self.sync.organizer, str(crew.id))) == [crew]

    async def _inserts(self, table: str, columns: dict[str, Any]) -> bool:
        names, places = map(sql.Identifier, columns), [sql.Placeholder()] * len(columns)
        query = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(names), sql.SQL(", ").join(places)
        )
        return await self._takes(query, list(columns.values()))

    async def _takes(self, query: sql.Composed, values: list[Any]) -> bool:
        """Whether the database takes it from whoever has the service key."""
        try:
            async with acting_as(self.factory.connection, "service_role"):
                await self.factory.connection.execute(query, [self._meaning(value) for value in values])
        except (psycopg.DataError, psycopg.IntegrityError):
            return False
        return True

    def _meaning(self, value: Any) -> Any:
        for word, id_ in self.meant.items():
            value = value.replace(word, str(id_)) if isinstance(value, str) else value
        return value

    async def goes_on(self, pool: Pool) -> None:
        """It is reminded and paused, if it can be; then another one is started with its crew, and it is ended."""
        await self.factory.do(
            "insert into job_queue (sync_id, job_type, scheduled_at)"
            " select %s, t, autosync_now() - interval '1 s' from unnest('{reminder_24h,pause_check_48h}'::text[]) t"
            " on conflict do nothing", self.sync.id,
        )  # fmt: skip
        for _ in range(2):  # one job of a sync in each
            await Processor(pool=pool).process_once()
        begins = await self.factory.one("select autosync_now() + interval '9 days'")
        plan = syncs.Plan(
            self.sync.organizer, str(self.crew), "Again", None, "America/New_York", ResponseGoal.EVERYONE,
            ((begins, None),),
        )  # fmt: skip
        for verb in (
            lambda: syncs.start(self.factory.connection, plan, region="US"),
            lambda: syncs.invite(self.factory.connection, self.sync.id, 1),
        ):
            with contextlib.suppress(Refused, Unusable):
                await verb()


LEFT = "status = 'processing' and scheduled_at < autosync_now() - interval '30 minutes'"
IN_SIGHT = {
    "status is null": "have no status",
    "status = 'failed'": "failed for good",
    LEFT: "are still in processing",
}
"""What the review says of jobs that nobody will do."""
COUNTS = (
    "select (select count(*) from auto_sync_responses), (select count(*) from crew_members),"
    " (select count(*) from crews), (select count(*) from contacts where email is not null)"
)


async def test_whatever_another_client_writes_around_a_sync_everybody_elses_go_on(direct_url: str) -> None:
    async with connect(direct_url) as connection, open_pool(direct_url) as pool:
        factory = Factory(connection)
        await at_noon(factory)
        other = await factory.sync(invitees=1)
        cases: list[tuple[Any, ...]] = []

        @settings(max_examples=60, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
        @given(AROUND)
        def collect(case: tuple[Any, ...]) -> None:
            cases.append(case)

        collect()
        written = 0
        for case in cases:
            odd = await Around.make(factory, other)
            written += await odd.write(*case)
            kept = await factory.rows(COUNTS)
            plain = await factory.sync(invitees=2)
            await factory.make_due(plain.id, "reminder_24h")
            await odd.goes_on(pool)
            await Processor(pool=pool).process_due()
            await make_dispatcher(pool).dispatch_due()
            assert len([text for text in await factory.texts(plain.id, "reminder") if text[1] == "sent"]) == 2, case
            await every_row_can_be_explained(factory, odd.sync.id)
            await odd.is_listed()
            assert await factory.rows(COUNTS) == kept, case
        assert written > 5 * len(cases), "most of these rows can be written, and none did harm"
        responses, members, crews, emails = (await factory.rows(COUNTS))[0]
        assert min(responses, members, crews - len(cases), emails) > len(cases) / 3, "of each kind"
        await nothing_is_left_without_a_word(factory)
        found = " ".join(finding.what for finding in (await review(connection, demo_expected=True)).findings)
        for which, words in IN_SIGHT.items():
            jobs = await factory.one(f"select count(*) from job_queue where {which}")
            assert f"{jobs} jobs {words}" in found, found
        await Housekeeping(pool=pool).tidy()
        await Processor(pool=pool).process_due()
        assert await factory.one(f"select count(*) from job_queue where {LEFT}") == 0, "it is put back, and done"


async def nothing_is_left_without_a_word(factory: Factory) -> None:
    """What could not be done says why."""
    left = await factory.rows(
        "select job_type, error_message from job_queue j where status = 'pending' and scheduled_at <="
        " autosync_now() and not exists (select from job_failures f where f.job_id = j.id)"
    )
    assert left == []


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


@pytest.mark.parametrize("name", UNUSUAL.values(), ids=UNUSUAL)
async def test_names_in_any_script_are_texted_as_they_were_written(name: str, factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(organizer=await factory.organizer(name, ""), invitees=1, event_name=name)
    await factory.do("update contacts set first_name = %s where id = %s", name, sync.contacts[0])
    for job_type in ("reminder_24h", "pause_check_48h"):
        await factory.make_due(sync.id, job_type)
        await Processor(pool=pool).process_due()
        await make_dispatcher(pool).dispatch_due()
    shown = unicodedata.normalize("NFC", name.replace("\u200d", ""))  # joiners are invisible: see texts.clean
    for type_, named in (("reminder", "organizer and event"), ("pause_summary", "event and who is missing")):
        ((_, status, body, _),) = await factory.texts(sync.id, type_)
        assert (status, body.count(shown)) == ("sent", 2), f"{named} in {body}"


ENDLESS = "x" * 10_000_000


async def test_an_event_name_of_ten_megabytes_is_texted_in_a_line(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(event_name=ENDLESS, event_location="🎲" * 1_000_000)
    await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool).process_due()
    await make_dispatcher(pool).dispatch_due()
    reminders = await factory.texts(sync.id, "reminder")
    assert [status for _, status, *_ in reminders] == ["sent"] * 3
    assert max(len(body) for _, _, body, _ in reminders) < 400


@pytest.mark.parametrize("table", ["contacts", "profiles"])
async def test_a_persons_name_of_ten_megabytes_is_refused_and_the_one_before_stays(
    table: str, factory: Factory
) -> None:
    await factory.sync(organizer=await factory.organizer("Ann"), invitees=1)
    with pytest.raises(CheckViolation, match=f"{table}_lengths_check"):
        await factory.do(f"update {table} set first_name = %s", ENDLESS)
    assert await factory.rows(f"select first_name from {table}") == [("Ann",)]


async def test_names_of_ten_megabytes_that_were_there_before_the_limit_are_texted_in_a_line(
    factory: Factory, pool: Pool
) -> None:
    await at_noon(factory)
    for table in ("contacts", "profiles"):
        await factory.do(f"alter table {table} drop constraint {table}_lengths_check")
    endless = await factory.organizer(ENDLESS)
    sync, plain = await factory.sync(organizer=endless, invitees=1, options=1), await factory.sync()
    await factory.do("update contacts set first_name = %s where id = %s", ENDLESS, sync.contacts[0])
    for job_type in ("reminder_24h", "pause_check_48h"):
        for made in (sync, plain):
            await factory.make_due(made.id, job_type)
        assert (await Processor(pool=pool).process_due()).processed == 2
        await make_dispatcher(pool).dispatch_due()
    reminders, reports = await factory.texts(sync.id, "reminder"), await factory.texts(sync.id, "pause_summary")
    assert [status for _, status, *_ in reminders + reports] == ["sent"] * 2
    assert ["xxx..." in body and len(body) < 400 for _, _, body, _ in reminders + reports] == [True] * 2
    others = await factory.texts(plain.id, "reminder") + await factory.texts(plain.id, "pause_summary")
    assert [status for _, status, *_ in others] == ["sent"] * 4


async def test_a_crew_whose_name_has_ten_megabytes_is_listed_in_a_line_and_asked(factory: Factory) -> None:
    organizer = await factory.organizer()
    crew = await factory.crew(organizer, [await factory.contact(organizer)], ENDLESS)
    ((listed, members),) = await people.list_crews(factory.connection, organizer)
    assert (listed.id, members, len(listed.name)) == (crew, 1, 400)
    assert await people.find_crews(factory.connection, organizer, str(crew)) == [listed]
    begins = await factory.one("select autosync_now() + interval '9 days'")
    plan = syncs.Plan(organizer, str(crew), "Again", None, "America/New_York", ResponseGoal.EVERYONE, ((begins, None),))
    started = await syncs.start(factory.connection, plan, region="US")
    assert len(await factory.texts(started.sync.id, "initial")) == 1


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ("null", {}),
        ('{"colour": null}', {"colour": None}),
        ('["tea", null]', {"other": ["tea", None]}),
        ('"tea"', {"other": "tea"}),
        ("7", {"other": 7}),
    ],
)
async def test_a_time_is_chosen_whatever_another_client_keeps_with_the_sync(
    metadata: str, kept: dict[str, object], factory: Factory
) -> None:
    sync = await factory.sync(metadata=metadata)
    await syncs.invite(factory.connection, sync.id, 1)
    after = await factory.one("select metadata from auto_syncs where id = %s", sync.id)
    assert after == {**kept, "chosen_option_id": str(sync.options[0])}


CROWD = 100_000
Verb = Callable[[Connection], Awaitable[object]]


async def test_a_crew_of_a_hundred_thousand_is_asked_reminded_and_invited_and_keeps_nobody_waiting(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    await at_noon(factory)
    plan = await with_a_crowd(factory)
    crowd = plan.id
    assert crowd is not None

    async def beside(verb: Verb) -> None:
        """While an organizer's verb runs elsewhere, others' reminders are decided and leave."""
        running = asyncio.create_task(asyncio.to_thread(run_elsewhere, database_url, verb))
        reminded = 0
        while not running.done():
            await reminders_leave(factory, pool, await factory.sync(invitees=3))
            reminded += not running.done()
        await running
        assert reminded > 0

    await beside(lambda connection: syncs.start(connection, plan, region="US"))
    assert len(await factory.texts(crowd, "initial")) == CROWD

    few = await factory.sync(invitees=3)
    for sync in (crowd, few.id):
        await factory.make_due(sync, "reminder_24h")
    summary = await Processor(pool=pool).process_due()
    assert (summary.processed, summary.messages) == (2, CROWD + 1 + 3 + 1)
    await until_sent(factory, pool, few)
    waiting = await factory.one("select count(*) from auto_sync_messages where status = 'queued'")
    assert waiting > 1.9 * CROWD, "a few texts of the crowd had left when those of the few had"

    await factory.make_due(crowd, "pause_check_48h")
    assert (await Processor(pool=pool).process_due()).messages == 1
    ((_, _, report, _),) = await factory.texts(crowd, "pause_summary")
    assert (f"0 of {CROWD}" in report, len(report) < 400) == (True, True), report

    await beside(lambda connection: syncs.invite(connection, crowd, 1))
    assert len(await factory.texts(crowd, "invite")) == CROWD


async def with_a_crowd(factory: Factory) -> syncs.Plan:
    """A sync to start with a crew of a hundred thousand."""
    organizer = await factory.organizer()
    crew = await factory.crew(organizer, [])
    await factory.do(
        "with people as (insert into contacts (user_id, first_name, phone_number)"
        " select %s, 'Ann', '+1212' || 2000000 + n from generate_series(1, %s) n returning id)"
        " insert into crew_members (crew_id, contact_id) select %s, id from people",
        organizer, CROWD, crew,
    )  # fmt: skip
    begins = await factory.one("select autosync_now() + interval '9 days'")
    return syncs.Plan(
        organizer, str(crew), "Marathon", None, "America/New_York", ResponseGoal.EVERYONE, ((begins, None),), uuid4()
    )


def run_elsewhere(url: str, verb: Verb) -> None:
    """In a loop of its own."""

    async def run() -> None:
        async with connect(url) as connection:
            await verb(connection)

    asyncio.run(run())


async def reminders_leave(factory: Factory, pool: Pool, sync: MadeSync) -> None:
    """Those of a sync whose reminder is due."""
    await factory.make_due(sync.id, "reminder_24h")
    await Processor(pool=pool).process_due()
    await until_sent(factory, pool, sync)


async def until_sent(factory: Factory, pool: Pool, sync: MadeSync) -> None:
    """Batch by batch, as long as a text of this sync waits."""
    dispatcher = make_dispatcher(pool)
    while not await factory.one(
        "select bool_and(status = 'sent') from auto_sync_messages where auto_sync_id = %s", sync.id
    ):
        await dispatcher.dispatch_once()
