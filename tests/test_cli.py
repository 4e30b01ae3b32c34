"""The command line as a person uses it: the whole way, wrong inputs, exit codes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

import overheard
from autosync.database.pool import Connection
from commands import AUTOSYNC, autosync, environment, serving
from factories import Factory
from waiting import until

CREW = "name,phone\nAnn,212-555-0111\nBen,212-555-0112\nBroken,12\n"
DAY = (datetime.now(UTC) + timedelta(days=12)).date().isoformat()


def one_sentence(text: str) -> bool:
    """One line, no traceback."""
    return text.count("\n") == 1 and text.startswith("autosync: ") and "Traceback" not in text


async def test_an_organizer_goes_the_whole_way_from_a_file_to_the_invites(
    database_url: str, factory: Factory, tmp_path: Path
) -> None:
    def run(*arguments: str) -> str:
        ran = autosync(*arguments, database_url=database_url)
        assert ran.code == 0, ran.err
        return ran.out

    await factory.demo_timings()
    organizer = run("organizers", "add", "--first-name", "Maya", "--phone", "212 555 0110").strip()
    (tmp_path / "crew.csv").write_text(CREW)
    imported = run("contacts", "import", str(tmp_path / "crew.csv"), "--organizer", organizer, "--crew", "Friends")
    assert imported.splitlines()[0] == "2 added, 0 known already, 2 new in the crew 'Friends'."
    assert imported.splitlines()[1].startswith("crew.csv:4: ")

    started = json.loads(
        run(
            *("syncs", "start", "--event", "Dinner", "--crew", "Friends", "--timezone", "America/New_York", "--json"),
            *("--option", f"{DAY} 18:00 to 20:00", "--option", f"{DAY} 20:00"),
        )
    )
    assert started["invitees"] == ["Ann", "Ben"]
    await factory.do("update job_queue set scheduled_at = now() where job_type = 'reminder_24h'")
    assert json.loads(run("process", "--json"))["messages"] == 3
    await factory.do("update auto_sync_messages set status = 'sent', sent_at = now(), phone_number = '+12125550111'"
                     " where contact_id = (select id from contacts where first_name = 'Ann')")  # fmt: skip
    assert "Answered: option 1" in run("answers", "receive", "1 works", "--from", "+12125550111")
    await factory.do("update job_queue set scheduled_at = now() where job_type = 'pause_check_48h'")
    run("process")
    assert [line.split("\t")[2] for line in run("syncs", "list").splitlines()] == ["paused"]
    run("syncs", "remind", started["id"])
    run("process")
    run("syncs", "invite", started["id"], "--option", "1", "--organizer", organizer)
    shown = json.loads(run("syncs", "show", started["id"], "--json"))

    assert shown["status"] == "completed"
    assert [(i["name"], i["answer"]) for i in shown["invitees"]] == [("Ann", "1"), ("Ben", "none yet")]
    assert [text["to"] for text in shown["texts"] if text["type"] == "reminder"] == ["Ann", "Ben", "Ben"]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["syncs", "start", "--event", "X", "--crew", "F", "--option", "x"], 2, "option 'x' cannot be read"),
        (["syncs", "start", "--event", "X", "--crew", "F", "--option", f"{DAY} 18:00 to 17:00"], 2, "ends before"),
        (["syncs", "start", "--event", " ", "--crew", "F", "--option", f"{DAY} 18:00"], 2, "no name"),
        (
            ["syncs", "start", "--event", "X", "--crew", "F", "--option", f"{DAY} 18:00", "--timezone", "X/Y"],
            2,
            "'X/Y'",
        ),
        (
            ["syncs", "start", "--event", "X", "--crew", "F", *(f"--option={DAY} 1{n}:00" for n in range(4))],
            2,
            "one to three options, not 4",
        ),
        (["syncs", "start", "--event", "X", "--crew", "Nope", "--option", f"{DAY} 18:00"], 1, "no crew 'Nope'"),
        (["syncs", "stop", "not-an-id"], 2, "is not the id of a sync"),
        (["syncs", "show", "00000000-0000-0000-0000-000000000000"], 1, "There is no sync"),
        (["contacts", "import", "/nonexistent.vcf", "--crew", "F"], 2, "/nonexistent.vcf"),
        (["answers", "receive", "1", "--from", "nobody"], 2, ""),
        (["timings", "fast"], 2, "'fast'"),
        (["process", "--fast"], 2, "No such option"),
        (["nonsense"], 2, "No such command"),
    ],
)
async def test_a_wrong_input_is_one_sentence_and_changes_nothing(
    database_url: str, factory: Factory, arguments: list[str], code: int, sentence: str
) -> None:
    await factory.crew(await factory.organizer(), [], name="F")
    before = await factory.rows("select (select count(*) from auto_syncs), (select count(*) from contacts)")

    ran = autosync(*arguments, database_url=database_url)

    assert (ran.code, ran.out) == (code, "")
    assert sentence in ran.err
    assert one_sentence(ran.err), ran.err
    assert await factory.rows("select (select count(*) from auto_syncs), (select count(*) from contacts)") == before


def test_an_unreachable_database_is_one_sentence_without_its_password() -> None:
    ran = autosync("process", "--database-url", "postgresql://me:hunter2@127.0.0.1:1/nothing")

    assert ran.code == 2
    assert one_sentence(ran.err), ran.err
    assert 'Cannot reach database "nothing" on 127.0.0.1' in ran.err
    assert "hunter2" not in ran.err


@pytest.mark.parametrize("url", ["nonsense", "mysql://x", "postgresql://[::1"])
def test_a_malformed_database_url_is_one_sentence(url: str) -> None:
    ran = autosync("process", "--database-url", url)
    assert ran.code == 2
    assert one_sentence(ran.err), ran.err


def test_a_wrong_setting_is_refused_by_name() -> None:
    ran = autosync("settings", AUTOSYNC_GATEWAY="pigeon", AUTOSYNC_DEFAULT_REGION="Atlantis")
    assert ran.code == 2
    assert one_sentence(ran.err)
    assert "AUTOSYNC_GATEWAY" in ran.err
    assert "AUTOSYNC_DEFAULT_REGION" in ran.err


def test_a_setting_that_is_missing_stands_in_the_way_of_nothing_that_it_is_made_with() -> None:
    begun = {"AUTOSYNC_GOOGLE_CLIENT_ID": "fake.apps.googleusercontent.com", "AUTOSYNC_GOOGLE_CLIENT_SECRET": "fake"}

    refused = autosync("syncs", "list", **begun)
    assert (refused.code, refused.out) == (2, "")
    assert "also needs AUTOSYNC_TOKEN_KEYS. `autosync settings` lists what can be set." in refused.err
    listed = autosync("settings", "--json", **begun)
    assert (listed.code, listed.err) == (2, refused.err)
    assert {row["setting"] for row in json.loads(listed.out) if row["set"]} == begun.keys()
    key = autosync("calendars", "new-key", **begun)
    assert (key.code, key.err) == (0, "")
    assert autosync("settings", **begun, AUTOSYNC_TOKEN_KEYS=key.out.strip()).code == 0
    assert autosync("serve", "--help", **begun).code == 0


def test_a_database_without_the_schema_says_what_to_run(empty_database_url: str) -> None:
    ran = autosync("process", database_url=empty_database_url)
    assert ran.code == 1
    assert "run `autosync migrate` first" in ran.err
    assert one_sentence(ran.err)


def test_migrate_tells_its_status_before_and_after(empty_database_url: str) -> None:
    assert autosync("migrate", "--status", database_url=empty_database_url).code == 1
    assert autosync("migrate", database_url=empty_database_url).code == 0
    again = autosync("migrate", "--status", "--json", database_url=empty_database_url)
    assert again.code == 0
    assert {row["state"] for row in json.loads(again.out)} == {"applied"}


def test_answers_are_read_without_a_database() -> None:
    ran = autosync("answers", "read", "--options", "3", stdin="1 and 3\nnone\nSTOP\nzzz?\n", database_url="nowhere")
    documents = [json.loads(line) for line in ran.out.splitlines()]
    assert [d["kind"] for d in documents][:3] == ["options", "none", "stop"]
    assert documents[0] == {"text": "1 and 3", "kind": "options", "options": [1, 3]}
    assert len(documents) == 4


def test_timings_are_shown_and_set(database_url: str) -> None:
    assert autosync("timings", "demo", database_url=database_url).code == 0
    rows = json.loads(autosync("timings", "--json", database_url=database_url).out)
    assert [(row["profile"], row["active"], row["pause_delay"]) for row in rows] == [
        ("demo", True, 600.0),
        ("production", False, 172800.0),
    ]


async def test_cleanup_says_what_it_did(database_url: str, factory: Factory) -> None:
    sync = await factory.sync()
    await factory.do(
        "update job_queue set status = 'processed', processed_at = now() - interval '4 days' where sync_id = %s"
        " and job_type = 'reminder_24h'",
        sync.id,
    )
    ran = autosync("cleanup", "--json", database_url=database_url)
    assert json.loads(ran.out) == {"deleted": 1, "put_back": 0, "forgotten": 0, "unworded": 0}


def test_the_embedded_database_keeps_its_rows_from_one_command_to_the_next(tmp_path: Path) -> None:
    added = autosync(
        "organizers", "add", "--first-name", "Maya", "--phone", "+12125550110", AUTOSYNC_DATA_DIR=str(tmp_path)
    )
    assert added.code == 0, added.err
    listed = autosync("organizers", "list", "--json", AUTOSYNC_DATA_DIR=str(tmp_path))
    assert [row["id"] for row in json.loads(listed.out)] == [added.out.strip()]


async def test_serve_answers_the_endpoint_and_works_until_sigterm(
    database_url: str, connection: Connection, factory: Factory, unused_port: int
) -> None:
    await factory.demo_timings()
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    process = subprocess.Popen(
        [AUTOSYNC, "serve", "--port", str(unused_port)],
        env=environment(database_url, AUTOSYNC_SERVICE_KEY="key-of-the-test"),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_port}", timeout=5) as client:

            async def is_live() -> bool:
                try:
                    return (await client.get("/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(is_live)
            url = "/functions/v1/process-auto-sync-jobs"
            assert (await client.post(url)).status_code == 401
            assert (await client.post(url, headers={"apikey": "key-of-the-test"})).status_code == 200

        async def reminded() -> bool:
            return len(await factory.texts(sync.id, "reminder")) == 1

        await until(reminded)
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        overheard.add(errors)
    assert process.returncode == 0, errors
    assert "Traceback" not in errors


async def crew_for_a_start(factory: Factory, event: str) -> list[str]:
    """Maya's crew of Ann, Ben and Quiet, who has opted out; the arguments that would ask them, dry."""
    organizer = await factory.organizer()
    await factory.crew(organizer, [await factory.contact(organizer, name) for name in ("Ann", "Ben", "Quiet")])
    await factory.suppress(await factory.one("select phone_number from contacts where first_name = 'Quiet'"))
    return ["syncs", "start", "--dry-run", "--event", event, "--crew", "Friends", "--option", f"{DAY} 18:00"]


async def test_a_dry_run_shows_each_text_once_with_whom_it_goes_to_and_what_it_costs(
    database_url: str, factory: Factory
) -> None:
    arguments = await crew_for_a_start(factory, "Dinner :pizza: [b]")

    ran = autosync(*arguments, database_url=database_url, AUTOSYNC_PRICE_PER_SEGMENT="0.01", AUTOSYNC_CURRENCY="eur")

    assert ran.code == 0, ran.err
    assert ran.out.count("    Maya Lopez is planning Dinner :pizza: [b]. Does this time work?\n") == 1
    assert "\nTo Ann, Ben: 1 segment each (GSM-7, " in ran.out
    assert "\nTo Maya Lopez: 1 segment (GSM-7, " in ran.out
    assert "\nNot texted: Quiet: has opted out of all texts\n" in ran.out
    assert "\nThe first texts: 3 segments, 0.03 EUR.\n" in ran.out
    assert "at most 7 segments, 0.07 EUR, if everybody gets one reminder and one invite." in ran.out
    assert "UCS-2" not in ran.out
    assert await factory.rows("select id from auto_syncs") == []


async def test_a_dry_run_names_what_makes_a_text_dear(database_url: str, factory: Factory) -> None:
    arguments = await crew_for_a_start(factory, "Ceilidh at Siân's 🎲🎲")

    ran = autosync(*arguments, database_url=database_url)

    assert ran.code == 0, ran.err
    assert ran.out.count("It travels as UCS-2, in which a segment holds less than half, because of: â 🎲\n") == 2


async def test_a_dry_run_in_json_tells_the_same(database_url: str, factory: Factory) -> None:
    arguments = await crew_for_a_start(factory, "Dinner 🎲")

    document = json.loads(autosync(*arguments, "--json", database_url=database_url).out)

    asked, told = document.pop("texts")
    assert (asked["to"], told["to"]) == (["Ann", "Ben"], ["Maya Lopez"])
    assert asked["body"].startswith("Maya Lopez is planning Dinner 🎲. Does this time work?\n1) ")
    assert (asked["encoding"], asked["units"], asked["forced_by"]) == ("UCS-2", len(asked["body"]) + 1, ["🎲"])
    assert (asked["segments"], told["segments"]) == (2, 2)
    assert document == {
        "left_out": [{"name": "Quiet", "reason": "has opted out of all texts"}],
        "segments": 2 * 2 + 2,
        "cost": "0.0498",
        "segments_at_most": 2 * 2 + 2 + 2 * (2 + 2),
        "cost_at_most": "0.1162",
        "currency": "USD",
    }


@pytest.mark.parametrize(
    ("setting", "value"),
    [("AUTOSYNC_PRICE_PER_SEGMENT", "-1"), ("AUTOSYNC_PRICE_PER_SEGMENT", "nan"), ("AUTOSYNC_CURRENCY", "dollars")],
)
def test_a_price_that_makes_no_sense_is_refused_by_name(setting: str, value: str) -> None:
    ran = autosync("settings", **{setting: value})
    assert ran.code == 2
    assert one_sentence(ran.err)
    assert ran.err.startswith(f"autosync: {setting} should be ")


async def test_the_same_number_does_not_become_two_organizers(database_url: str, factory: Factory) -> None:
    for code in (0, 1):
        ran = autosync(
            "organizers", "add", "--first-name", "Maya", "--phone", "212 555 0110", database_url=database_url
        )
        assert ran.code == code, ran.err
    assert await factory.one("select count(*) from profiles") == 1


def test_an_argument_that_is_not_utf8_is_one_sentence(database_url: str) -> None:
    done = subprocess.run(
        [AUTOSYNC.encode(), b"syncs", b"start", b"--event", b"caf\xe9", b"--crew", b"F", b"--option", b"x"],
        capture_output=True,
        text=True,
        env=environment(database_url),
        check=False,
    )
    assert done.returncode == 2
    assert one_sentence(done.stderr)
    assert "is not UTF-8" in done.stderr


def test_a_port_that_is_taken_is_one_sentence(database_url: str, unused_port: int) -> None:
    with socket.create_server(("127.0.0.1", unused_port)):
        ran = autosync("serve", "--port", str(unused_port), "--no-worker", database_url=database_url)
    assert ran.code == 2
    assert one_sentence(ran.err)
    assert f"Cannot listen on 127.0.0.1 port {unused_port}" in ran.err


def test_a_group_without_a_command_shows_its_help() -> None:
    ran = autosync("syncs")
    assert (ran.code, ran.err.split()[0]) == (2, "Usage:")


@pytest.mark.parametrize(
    "address",
    [
        '"postgresql://postgres:Open-Sesame@db.example.org/postgres"',
        " postgresql://postgres:Open-Sesame@db.example.org/postgres",
        "postgresql+asyncpg://postgres:Open-Sesame@db.example.org/postgres",
        "postgres:Open-Sesame@db.example.org/postgres",
        "postgresql://postgres:my Open-Sesame@127.0.0.1:1/postgres",
        "postgresql://postgres:%zzOpen-Sesame@127.0.0.1:1/postgres",
        "postgresql://postgres:in@url#Open-Sesame@127.0.0.1:1/postgres",
        "postgresql://postgres:sl/Open-Sesame@127.0.0.1:1/postgres",
    ],
)
def test_an_address_that_cannot_be_read_shows_no_password(address: str) -> None:
    ran = autosync("migrate", database_url=address)
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert "Open-Sesame" not in ran.out + ran.err
    assert "malformed" in ran.err


async def test_an_organizer_who_has_not_signed_up_is_told_so(factory: Factory, database_url: str) -> None:
    await factory.do("alter table auth.users add column encrypted_password text")  # as on Supabase
    ran = autosync(
        "organizers", "add", "--id", str(UUID(int=7)), "--first-name", "Maya", "--phone", "+12125550110",
        database_url=database_url,
    )  # fmt: skip
    assert ran.code == 1
    assert ran.err == f"autosync: There is no auth user {UUID(int=7)}: an organizer signs up first.\n"


@pytest.mark.parametrize(
    "settings, is_said",
    [
        ({}, True),
        ({"AUTOSYNC_LINKS_IN_TEXTS": "false"}, False),
        ({"AUTOSYNC_PUBLIC_URL": "https://sync.example.org"}, False),
    ],
)
async def test_a_secret_for_links_without_an_address_for_them_is_said_at_the_start(
    direct_url: str, unused_port: int, settings: dict[str, str], is_said: bool
) -> None:
    async with serving(direct_url, unused_port, AUTOSYNC_LINK_SECRET="x" * 40, **settings) as said:
        log = said()
    assert ("links_left_out" in log and "set AUTOSYNC_PUBLIC_URL" in log) is is_said
    assert "x" * 40 not in log
