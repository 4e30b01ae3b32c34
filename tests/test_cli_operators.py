"""`autosync jobs` and `autosync messages`, run as an operator runs them; and what is not to be run in any shell."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest

import commands
from commands import Ran
from factories import Factory, at_noon
from outbox import queue_one_each, status_of


class Autosync:
    """The command, on the test's database."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, *arguments: str, **settings: str) -> Ran:
        return commands.autosync(*arguments, database_url=self._url, **settings)

    def says(self, *arguments: str) -> str:
        """What the command prints as it succeeds."""
        ran = self(*arguments)
        assert (ran.code, ran.err) == (0, "")
        return ran.out

    def refuses(self, *arguments: str, code: int, sentence: str) -> None:
        """Exactly one sentence on standard error, nothing on standard output."""
        ran = self(*arguments)
        assert (ran.code, ran.out) == (code, ""), ran.err
        assert ran.err.startswith(f"autosync: {sentence}")
        assert ran.err.count("\n") == 1


@pytest.fixture
def autosync(database_url: str) -> Autosync:
    return Autosync(database_url)


async def everything(factory: Factory) -> list[tuple[object, ...]]:
    """All jobs and texts, to see that nothing was changed."""
    jobs = await factory.rows("select * from job_queue order by id")
    return [*jobs, *await factory.rows("select * from auto_sync_messages order by id")]


async def reminder_of(factory: Factory, sync: UUID) -> str:
    job: UUID = await factory.one("select id from job_queue where sync_id = %s and job_type = 'reminder_24h'", sync)
    return str(job)


async def unknown_text(factory: Factory) -> str:
    sync = await factory.sync(invitees=1)
    await factory.do(
        "update auto_sync_messages set status = 'unknown', body = 'Hi', sent_at = null, gateway = 'twilio',"
        " attempt = 1, phone_number = '+12125550199' where auto_sync_id = %s",
        sync.id,
    )
    return str(await factory.one("select id from auto_sync_messages where auto_sync_id = %s", sync.id))


async def test_an_operator_finds_explains_runs_and_cancels_jobs(factory: Factory, autosync: Autosync) -> None:
    first, second = await factory.sync(event_name="Chess"), await factory.sync()
    failed, pending = await reminder_of(factory, first.id), await reminder_of(factory, second.id)
    await factory.do("update job_queue set status = 'failed', error_message = 'ValueError: x' where id = %s", failed)

    listed = json.loads(autosync.says("jobs", "list", "--status", "failed", "--json"))
    assert [(line["id"], line["event"], line["reason"]) for line in listed] == [(failed, "Chess", "ValueError: x")]
    assert f"`autosync jobs run {failed}` runs it again." in autosync.says("jobs", "explain", failed)
    assert autosync.says("jobs", "retry", "--type", "reminder_24h").startswith("Made due: 1. ")
    assert autosync.says("jobs", "run", failed).startswith(f"Job {failed} is due now. ")
    assert autosync.says("jobs", "cancel", pending) == f"Job {pending} is skipped.\n"

    assert await factory.jobs(second.id) == [
        ("reminder_24h", "skipped", "Canceled by an operator."),
        ("auto_end_check", "pending", None),
    ]


async def test_a_job_that_cannot_be_run_is_refused_in_one_sentence(factory: Factory, autosync: Autosync) -> None:
    done = await reminder_of(factory, (await factory.sync()).id)
    await factory.do("update job_queue set status = 'processed', processed_at = now() where id = %s", done)
    before = await everything(factory)
    nowhere = str(uuid4())

    autosync.refuses("jobs", "run", done, code=1, sentence=f"Job {done} is processed; only a pending or failed one")
    autosync.refuses("jobs", "explain", nowhere, code=1, sentence=f"There is no job {nowhere}")
    autosync.refuses("jobs", "cancel", "first", code=2, sentence="'first' is not the id of a job")
    autosync.refuses("jobs", "list", "--status", "lost", code=2, sentence="Invalid value for '--status'")

    assert await everything(factory) == before


async def test_an_operator_finds_explains_and_settles_texts(factory: Factory, autosync: Autosync) -> None:
    text = await unknown_text(factory)

    listed = autosync.says("messages", "list", "--status", "unknown", "--type", "initial")
    explained = autosync.says("messages", "explain", text)
    assert listed.split("\t")[:5] == [text, "initial", "unknown", "Ann", "0199"]
    assert f"`autosync messages resolve {text} --sent`" in explained
    assert "5550199" not in listed + explained
    settled = autosync.says("messages", "resolve", text, "--not-sent")
    assert settled == f"Text {text} is queued again, to leave now.\n"

    assert await factory.one("select status from auto_sync_messages where id = %s", text) == "queued"


async def test_a_text_that_cannot_be_settled_is_refused_in_one_sentence(factory: Factory, autosync: Autosync) -> None:
    unknown = await unknown_text(factory)
    sync = await factory.sync(invitees=1)
    sent = str(await factory.one("select id from auto_sync_messages where auto_sync_id = %s", sync.id))
    before = await everything(factory)
    nowhere = str(uuid4())

    autosync.refuses("messages", "resolve", sent, "--sent", code=1, sentence=f"Text {sent} is sent; only one")
    autosync.refuses("messages", "resolve", nowhere, "--sent", code=1, sentence=f"There is no text {nowhere}")
    autosync.refuses("messages", "resolve", unknown, code=2, sentence="Say what became of the text")
    autosync.refuses(
        "messages", "resolve", unknown, "--sent", "--not-sent", code=2, sentence="Say what became of the text"
    )

    assert await everything(factory) == before


async def let_leave(factory: Factory, gateway: str | None, *, minutes_ago: int) -> None:
    """A text that left through this gateway then; None: another client's."""
    sync = await factory.sync(invitees=1)
    await factory.do(
        "update auto_sync_messages set gateway = %s, sent_at = now() - make_interval(mins => %s)"
        " where auto_sync_id = %s",
        gateway, minutes_ago, sync.id,
    )  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [
        "process", "worker", "serve", "serve --no-worker", "restored --since 1h", "restored --since 1h --dry-run",
        "answers replay --since 1h", "answers replay --since 1h --dry-run",
    ],
)  # fmt: skip
async def test_no_text_is_kept_by_mistake_in_a_shell_without_the_deployments_settings(
    factory: Factory, autosync: Autosync, command: str
) -> None:
    await let_leave(factory, "twilio", minutes_ago=2)
    await let_leave(factory, None, minutes_ago=1)
    await queue_one_each(factory, await factory.sync(invitees=1))
    before = await everything(factory)

    autosync.refuses(
        *command.split(), code=1,
        sentence="The last texts of this database left through twilio, and AUTOSYNC_GATEWAY is not set here: run this"
        " with the deployment's settings, or set AUTOSYNC_GATEWAY=record if texts are to be kept and not sent.",
    )  # fmt: skip

    assert await everything(factory) == before
    assert await factory.rows("select * from auto_sync_sending_pauses") == []


async def test_texts_are_kept_where_that_is_said_and_from_then_on(factory: Factory, autosync: Autosync) -> None:
    await at_noon(factory)
    await let_leave(factory, "twilio", minutes_ago=2)
    (first,) = await queue_one_each(factory, await factory.sync(invitees=1))

    assert autosync("process", AUTOSYNC_GATEWAY="record").code == 0
    assert await status_of(factory, first) == "sent"
    (second,) = await queue_one_each(factory, await factory.sync(invitees=1))
    assert autosync("process").code == 0
    assert await status_of(factory, second) == "sent"


async def test_a_gateway_that_is_set_is_used_whatever_texts_left_through(factory: Factory, autosync: Autosync) -> None:
    await let_leave(factory, "record", minutes_ago=2)
    twilio = {"TWILIO_ACCOUNT_SID": f"AC{'0' * 32}", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+12125550100"}

    ran = autosync("process", AUTOSYNC_GATEWAY="twilio", **{f"AUTOSYNC_{name}": it for name, it in twilio.items()})

    assert (ran.code, ran.err) == (0, "")
