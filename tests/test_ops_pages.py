"""Operators' pages: who gets in, what they are told and what not, and what they can repair."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from pydantic import SecretStr

from asked import statements_asked
from autosync.database import cron, review
from autosync.database.board import ENOUGH, PAGE
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.gateways.record import RecordGateway
from autosync.sign_in import SignIn
from autosync.web.pages.ops import plots, words
from autosync.web.pages.ops.board import _drawn
from autosync.web.pages.ops.now import read_now
from busy import make_busy
from cron_server import running_cron_server
from factories import Factory, MadeSync
from own_pages import OPERATOR_KEY, app_with_own_pages, signed_in_visitor, stranger

PAGES = ("/ops", "/ops/jobs", "/ops/texts", "/ops/find?id=x")


@asynccontextmanager
async def operator(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A browser in which an operator is signed in."""
    async with stranger(app) as browser:
        response = await browser.post("/ops/sign-in", data={"key": OPERATOR_KEY})
        assert (response.status_code, response.headers["location"]) == (303, "/ops")
        yield browser


def with_key(app: FastAPI, pool: Pool, key: str | None) -> FastAPI:
    """The same application with another operator key, or none."""
    app.state.sign_in = SignIn(
        pool=pool, gateway=RecordGateway(), region="US", operator_key=SecretStr(key) if key else None
    )
    return app


async def failed_job(factory: Factory, *, error: str = "The cause.", **sync: object) -> tuple[UUID, MadeSync]:
    """A job that was given up, and its sync."""
    made = await factory.sync(**sync)
    job: UUID = await factory.one(
        "update job_queue set status = 'failed', error_message = %s, processed_at = now() where sync_id = %s"
        " and job_type = 'reminder_24h' returning id",
        error, made.id,
    )  # fmt: skip
    await factory.do(
        "insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)"
        " select %s, n, now(), now(), %s from generate_series(1, 5) n",
        job, error,
    )  # fmt: skip
    return job, made


async def text(factory: Factory, status: str, **columns: object) -> UUID:
    """A text of a sync of its own."""
    made = await factory.sync(invitees=1)
    fields: dict[str, object] = {
        "message_type": "reminder", "status": status, "body": "a secret plan", "sent_at": None, "attempt": 1,
        "gateway": "twilio", "phone_number": "+12125557093", "contact_id": made.contacts[0], "cause_id": uuid4(),
    }  # fmt: skip
    id_ = await factory.insert("auto_sync_messages", auto_sync_id=made.id, **(fields | columns))
    await factory.do("update auto_sync_messages set claimed_at = now() - interval '25 hours' where id = %s", id_)
    return id_


async def job_status(factory: Factory, job: UUID) -> str:
    status: str = await factory.one("select status from job_queue where id = %s", job)
    return status


# The way in


async def test_the_operator_key_opens_a_session_of_twelve_hours(pool: Pool) -> None:
    async with stranger(app_with_own_pages(pool)) as browser:
        browser.base_url = "https://sync.example.org"
        response = await browser.post("/ops/sign-in", data={"key": f" {OPERATOR_KEY} "})
    pattern = r"__Host-autosync-operator=[\w-]{43}; HttpOnly; Max-Age=43200; Path=/; SameSite=lax; Secure"
    assert re.fullmatch(pattern, response.headers["set-cookie"])


@pytest.mark.parametrize("key", ["wrong", OPERATOR_KEY[:-1], OPERATOR_KEY + "x", "ключ"])
async def test_a_wrong_key_is_refused_in_a_sentence_and_not_shown_again(pool: Pool, key: str) -> None:
    async with stranger(app_with_own_pages(pool)) as browser:
        refused = await browser.post("/ops/sign-in", data={"key": key})
        assert refused.status_code == 403
        assert "This is not the operator key." in refused.text
        assert f'"{key}"' not in refused.text
        assert "set-cookie" not in refused.headers
        assert (await browser.post("/ops/sign-in", data={"key": ""})).status_code == 422
        assert (await browser.get("/ops")).headers["location"] == "/ops/sign-in"


@pytest.mark.parametrize("path", PAGES)
async def test_strangers_and_organizers_are_sent_to_sign_in_and_see_nothing(
    pool: Pool, factory: Factory, path: str
) -> None:
    app = app_with_own_pages(pool)
    async with stranger(app) as browser, signed_in_visitor(app, await factory.organizer()) as organizer:
        for visitor in (browser, organizer):
            response = await visitor.get(path)
            assert (response.status_code, response.headers["location"], response.text) == (303, "/ops/sign-in", "")


async def test_who_is_no_operator_gets_no_numbers_but_is_told_to_load_the_page_anew(
    pool: Pool, factory: Factory
) -> None:
    app = app_with_own_pages(pool)
    async with stranger(app) as browser, signed_in_visitor(app, await factory.organizer()) as organizer:
        for visitor in (browser, organizer):
            assert (await visitor.get("/live/ops")).text == "event: reload\ndata: {}\n\n"


async def test_an_operators_session_opens_no_organizers_page_in_either_cookie(pool: Pool, factory: Factory) -> None:
    app = app_with_own_pages(pool)
    async with operator(app) as browser, signed_in_visitor(app, await factory.organizer()) as organizer:
        assert (await browser.get("/")).headers["location"] == "/sign-in"
        (operators,), (organizers,) = browser.cookies.values(), organizer.cookies.values()
        for path, name, token in (("/", "autosync", operators), ("/ops", "autosync-operator", organizers)):
            async with stranger(app) as thief:
                thief.cookies.set(name, token)
                assert (await thief.get(path)).status_code == 303


@pytest.mark.parametrize("path", (*PAGES, "/ops/sign-in"))
async def test_without_a_key_there_is_no_such_page(pool: Pool, path: str) -> None:
    app = app_with_own_pages(pool)
    async with operator(app) as browser:
        with_key(app, pool, None)
        assert (await browser.get(path)).status_code == 404
        assert (await browser.post("/ops/sign-in", data={"key": OPERATOR_KEY})).status_code == 404


async def test_another_key_ends_every_session(pool: Pool) -> None:
    app = app_with_own_pages(pool)
    async with operator(app) as browser:
        assert (await browser.get("/ops")).status_code == 200
        with_key(app, pool, "another key of the operators, as long as it has to be")
        assert (await browser.get("/ops")).headers["location"] == "/ops/sign-in"


async def test_signing_out_ends_the_session_in_the_database(pool: Pool) -> None:
    async with operator(app_with_own_pages(pool)) as browser:
        (kept,) = browser.cookies.values()
        assert (await browser.post("/ops/sign-out")).headers["location"] == "/ops/sign-in"
        browser.cookies.set("autosync-operator", kept)
        assert (await browser.get("/ops")).status_code == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}], ids=str)
async def test_forms_of_other_sites_are_refused(pool: Pool, factory: Factory, headers: dict[str, str]) -> None:
    job, _ = await failed_job(factory)
    unknown = await text(factory, "unknown")
    async with operator(app_with_own_pages(pool)) as browser:
        del browser.headers["Sec-Fetch-Site"]
        forms = [f"/ops/jobs/{job}/run", f"/ops/jobs/{job}/cancel", "/ops/jobs/retry", "/ops/sign-out", "/ops/sign-in"]
        for path in (*forms, f"/ops/texts/{unknown}/sent", f"/ops/texts/{unknown}/not-sent"):
            assert (await browser.post(path, headers=headers)).status_code == 403
        assert (await browser.get("/ops")).status_code == 200
    assert await job_status(factory, job) == "failed"
    assert await factory.one("select status from auto_sync_messages where id = %s", unknown) == "unknown"


async def test_what_is_shown_is_read_in_a_transaction_that_cannot_write(pool: Pool, factory: Factory) -> None:
    """A default that counts every reading of the clock fails as soon as somebody looks with the right to write."""
    await factory.do("create table written (at timestamptz)")
    await factory.do(
        "create or replace function autosync_now() returns timestamptz language plpgsql volatile set search_path = ''"
        " as $$ begin if current_setting('transaction_read_only') = 'off' then insert into public.written values"
        " (now()); end if; return now(); end $$"
    )
    job, made = await failed_job(factory)
    message = await text(factory, "unknown", status_reason="No answer.")
    await factory.do("delete from written")
    async with operator(app_with_own_pages(pool)) as browser:
        paths = ("/ops", "/ops/jobs", "/ops/texts", f"/ops/jobs/{job}", f"/ops/texts/{message}")
        for path in (*paths, f"/ops/find?id={made.id}"):
            assert (await browser.get(path)).status_code == 200
    assert await factory.rows("select * from written") == []


# Now


async def test_all_is_well_is_one_sentence(pool: Pool, factory: Factory) -> None:
    await factory.sync()
    async with operator(app_with_own_pages(pool)) as browser:
        page = (await browser.get("/ops")).text
    assert "All is well." in page
    assert "Nothing is late, nothing has failed" in page
    assert 'class="verdict well"' in page


async def test_what_is_wrong_stands_first_and_what_deserves_a_look_after_it(pool: Pool, factory: Factory) -> None:
    await text(factory, "unknown")
    await failed_job(factory)
    made = await factory.sync()
    await factory.do("update job_queue set scheduled_at = now() - interval '7 minutes' where sync_id = %s", made.id)
    async with operator(app_with_own_pages(pool)) as browser:
        page = (await browser.get("/ops")).text
    said = ["Something is wrong.", "2 jobs are due, the oldest for 7 minutes.", "1 job failed for good", "Of 1 text"]
    places = [page.index(sentence) for sentence in (*said, "No worker has been seen within a day")]
    assert places == sorted(places)
    assert "7 min late" in page


async def test_the_doctor_and_the_board_say_the_same(pool: Pool, factory: Factory, connection: Connection) -> None:
    await make_busy(connection, jobs=400)
    from autosync.doctor.review import review as doctor  # noqa: PLC0415 - the module `review` above is the database's

    told = {finding.what for finding in (await doctor(connection)).findings}
    async with connection.transaction():
        await review.begin(connection)
        now = await read_now(connection)
    assert len(now.told) >= 5
    assert {each.finding.what for each in now.told} <= told


async def test_the_numbers_are_those_of_the_rows(pool: Pool, factory: Factory, connection: Connection) -> None:
    await make_busy(connection, jobs=400)
    async with connection.transaction():
        await review.begin(connection)
        now = await read_now(connection)
    states = await factory.rows(
        "select job_type, case when status <> 'pending' then status when scheduled_at <= now() then 'due'"
        " else 'waiting' end, count(*) from job_queue where status not in ('processed', 'skipped')"
        " or processed_at > now() - interval '1 hour' group by 1, 2"
    )
    assert now.jobs == {(type_, state): count for type_, state, count in states}
    assert {state: now.texts[state] for state in ("due", "held", "unknown")} == {"due": 3, "held": 64, "unknown": 5}
    assert [worker.name for worker in now.alive] == ["web-1:4711", "web-2:812"]
    assert {worker.name for worker in now.workers} == {"web-1:4711", "web-2:812", "web-3:90", "web-1:388"}
    assert now.cron is None


async def test_where_pg_cron_is_its_runs_are_shown_and_a_failed_one_is_what_is_wrong() -> None:
    with running_cron_server() as server:
        await asyncio.to_thread(server.lay_anew)
        async with open_pool(server.url) as pool, operator(app_with_own_pages(pool)) as browser:
            assert 'aria-labelledby="cron-title" hidden>' in (await browser.get("/ops")).text
            async with pool.connection() as connection:
                await cron.install(connection, None)
                await connection.execute(
                    "insert into cron.job_run_details (jobid, runid, status, return_message, start_time)"
                    " select jobid, 5000, 'failed', 'ERROR:  no key for +12125550142', now() - interval '90 seconds'"
                    " from cron.job where jobname = 'process-auto-sync-jobs'"
                )
            page = (await browser.get("/ops")).text
    assert 'aria-labelledby="cron-title">' in page
    assert '<th scope="row">process-auto-sync-jobs</th>' in page
    assert re.search(r'<span class="ill">failed</span> 9\d s ago <span class="soft">ERROR: no key for \(number\)', page)
    assert "The last run of process-auto-sync-jobs in pg_cron, 9" in page


async def test_counting_ends_somewhere() -> None:
    assert (words.counted(ENOUGH - 1), words.counted(ENOUGH)) == ("9,999", "10,000+")


async def test_every_number_of_the_page_is_a_fragment_of_its_own(pool: Pool) -> None:
    async with operator(app_with_own_pages(pool)) as browser:
        response = await browser.get("/ops")
    page = response.text
    assert 'data-live="/live/ops"' in page
    assert "connect-src 'self'" in response.headers["content-security-policy"]
    assert set(re.findall(r' id="(f-[a-z_]+)"', page)) == {
        "f-as_of", "f-verdict", "f-tiles", "f-queue", "f-outbox", "f-workers", "f-cron"
    }  # fmt: skip


# Over time


@pytest.mark.parametrize("last, steps", [("3h", 36), ("24h", 48), ("3d", 36), ("of all times", 36)])
async def test_each_plot_has_a_name_a_summary_and_its_numbers_as_a_table(
    pool: Pool, connection: Connection, last: str, steps: int
) -> None:
    await make_busy(connection, jobs=400)
    async with operator(app_with_own_pages(pool)) as browser:
        page = (await browser.get("/ops", params={"last": last})).text
    for id_ in ("lateness", "throughput", "texts"):
        drawn = page[page.index(f'aria-labelledby="{id_}-title {id_}-desc"') :]
        drawn = drawn[: drawn.index("</figure>")]
        assert re.search(rf'<title id="{id_}-title">[^<]+</title>\s*<desc id="{id_}-desc">[^<]+</desc>', drawn)
        assert drawn.count('class="step"') == steps
        assert "<table" in drawn
    assert "style=" not in page


async def test_the_plots_are_left_out_where_counting_takes_too_long(
    factory: Factory, connection: Connection, database_url: str
) -> None:
    now = await read_now(connection)
    async with connect(database_url) as other, other.transaction():
        await other.execute("lock table job_queue in access exclusive mode")
        async with connection.transaction():
            await connection.execute("set local statement_timeout = '100ms'")
            assert await _drawn(connection, now, plots.RANGES["3h"]) == []


# Jobs


@pytest.mark.parametrize("show", ["failed", "retried", "due"])
async def test_a_list_goes_on_page_by_page_and_leaves_nothing_out(pool: Pool, factory: Factory, show: str) -> None:
    for _ in range(PAGE * 2 + 3):
        job, _ = await failed_job(factory)
        if show != "failed":
            await factory.do(
                "update job_queue set status = 'pending', scheduled_at = now() - interval '1 second' where id = %s", job
            )
    await factory.do("update job_queue set scheduled_at = now() - interval '1 minute' where job_type = 'reminder_24h'")
    await factory.do("update job_failures set failed_at = now()")  # all of one moment: the id decides
    await assert_all_paged(app_with_own_pages(pool), "/ops/jobs", show)


@pytest.mark.parametrize(
    "show, status", [("unknown", "unknown"), ("failed", "failed"), ("held", "queued"), ("due", "queued")]
)
async def test_a_list_of_texts_goes_on_page_by_page_and_leaves_nothing_out(
    pool: Pool, factory: Factory, show: str, status: str
) -> None:
    at = await factory.one("select now() + interval '1 hour' * %s", 1 if show == "held" else -1)
    for _ in range(PAGE * 2 + 3):
        await text(factory, status, send_after=at, created_at=at, status_reason="Why.")
    await factory.do("update auto_sync_messages set claimed_at = now() where status = %s", status)
    await assert_all_paged(app_with_own_pages(pool), "/ops/texts", show)


async def assert_all_paged(app: FastAPI, of: str, show: str) -> None:
    """Two pages and three rows, each row once."""
    async with operator(app) as browser:
        path, pages = f"{of}?show={show}", []
        while path:
            page = (await browser.get(path)).text
            pages.append(re.findall(rf'<p class="row-title"><a href="{of}/([0-9a-f-]{{36}})"', page))
            path = next(iter(re.findall(r'href="([^"]+)" rel="next"', page)), "").replace("&amp;", "&")
    assert [len(page) for page in pages] == [PAGE, PAGE, 3]
    assert len({row for page in pages for row in page}) == 2 * PAGE + 3


async def test_a_place_that_makes_no_sense_is_the_first_page(pool: Pool, factory: Factory) -> None:
    await failed_job(factory)
    async with operator(app_with_own_pages(pool)) as browser:
        for place in ("at=x&id=y", f"at=2026-01-01&id={uuid4()}", "at=2026-01-01T00:00:00%2B00:00&id=1"):
            assert "Board games" in (await browser.get(f"/ops/jobs?show=failed&{place}")).text


async def test_why_a_job_failed_and_to_run_it_again(pool: Pool, factory: Factory) -> None:
    woken = []
    job, _ = await failed_job(factory, error="The cause.")
    async with operator(app_with_own_pages(pool, wake=lambda: woken.append(True))) as browser:
        assert "It has failed. Attempt 5 of 5 raised" in (await browser.get(f"/ops/jobs/{job}")).text
        response = await browser.post(f"/ops/jobs/{job}/run")
        assert response.status_code == 303
        assert "Done: it is due now" in (await browser.get(response.headers["location"])).text
    assert await job_status(factory, job) == "pending"
    assert woken == [True]


async def test_a_job_is_skipped_and_then_cannot_be_run_any_more(pool: Pool, factory: Factory) -> None:
    job, _ = await failed_job(factory)
    async with operator(app_with_own_pages(pool)) as browser:
        response = await browser.post(f"/ops/jobs/{job}/cancel")
        assert "Done: it is skipped." in (await browser.get(response.headers["location"])).text
        refused = await browser.post(f"/ops/jobs/{job}/run")
    assert refused.status_code == 409
    assert "only a pending or failed one can be run" in refused.text
    assert "Canceled by an operator." in refused.text
    assert f"/ops/jobs/{job}/run" not in refused.text
    assert await job_status(factory, job) == "skipped"


async def test_a_job_whose_sync_ended_meanwhile_is_not_run(pool: Pool, factory: Factory) -> None:
    job, made = await failed_job(factory)
    async with operator(app_with_own_pages(pool)) as browser:
        assert "Run it again" in (await browser.get(f"/ops/jobs/{job}")).text
        await factory.do("update auto_syncs set status = 'stopped' where id = %s", made.id)
        refused = await browser.post(f"/ops/jobs/{job}/run")
    assert refused.status_code == 409
    assert "is stopped, so nothing is left to do" in refused.text
    assert await job_status(factory, job) == "failed"


async def test_all_failed_jobs_are_run_again_but_those_that_cannot_be(pool: Pool, factory: Factory) -> None:
    jobs = [(await failed_job(factory)) for _ in range(3)]
    await factory.do("update auto_syncs set status = 'stopped' where id = %s", jobs[0][1].id)
    async with operator(app_with_own_pages(pool)) as browser:
        response = await browser.post("/ops/jobs/retry")
        page = (await browser.get(response.headers["location"])).text
    assert "Made due: 2. Left as they are: 1," in page
    assert [await job_status(factory, job) for job, _ in jobs] == ["failed", "pending", "pending"]


# Texts


@pytest.mark.parametrize(
    "sent, body, status, said",
    [
        (True, "Hi", "sent", "it counts as sent"),
        (True, None, "sent", "it counts as sent"),
        (False, "Hi", "queued", "it is queued again"),
        (False, None, "canceled", "it is canceled, not queued again, since its words have been deleted"),
    ],
)
async def test_an_unknown_text_is_settled_once(
    pool: Pool, factory: Factory, sent: bool, body: str | None, status: str, said: str
) -> None:
    id_ = await text(factory, "unknown", status_reason="No answer.", body=body)
    path = f"/ops/texts/{id_}/{'sent' if sent else 'not-sent'}"
    async with operator(app_with_own_pages(pool)) as browser:
        assert "It was not sent: send it again" in (await browser.get(f"/ops/texts/{id_}")).text
        response = await browser.post(path)
        assert f"Done: {said}" in (await browser.get(response.headers["location"])).text
        refused = await browser.post(path)
    assert refused.status_code == 409
    assert "only one of which nobody knows whether it left can be resolved" in refused.text
    assert await factory.one("select status from auto_sync_messages where id = %s", id_) == status


async def test_failed_texts_are_listed_by_their_code(pool: Pool, factory: Factory) -> None:
    for code in ("30003", "30003", "21610", None):
        await text(factory, "failed", error_code=code, status_reason=f"Code {code}.")
    async with operator(app_with_own_pages(pool)) as browser:
        board = (await browser.get("/ops")).text
        for code, count in (("30003", 2), ("21610", 1), ("", 1)):
            assert f'href="/ops/texts?show=failed&amp;code={code}"' in board
            page = (await browser.get(f"/ops/texts?show=failed&code={code}")).text
            assert page.count('class="row"') == count


async def test_held_texts_say_until_when_and_why(pool: Pool, factory: Factory) -> None:
    later = await factory.one("select now() + interval '5 hours'")
    held = await text(factory, "queued", send_after=later, status_reason="It is night there.")
    due = await text(factory, "queued", send_after=await factory.one("select now() - interval '1 minute'"))
    async with operator(app_with_own_pages(pool)) as browser:
        pages = [(await browser.get(f"/ops/texts?show={show}")).text for show in ("held", "due")]
    assert [(str(held) in page, str(due) in page) for page in pages] == [(True, False), (False, True)]
    assert "It is night there." in pages[0]
    assert f"leaves in 4 hours, {words.moment(later)}" in pages[0]


async def test_of_a_number_three_digits_are_shown_and_of_a_texts_words_nothing(pool: Pool, factory: Factory) -> None:
    error = "refused +12125557093 of ann@example.org: DETAIL: Failing row contains (1, a secret plan)"
    ids = [
        await text(
            factory, status, error_code="1", status_reason=f"{error}", send_after=await factory.one("select now()")
        )
        for status in ("unknown", "failed", "queued")
    ]
    job, made = await failed_job(factory, error=error)
    async with operator(app_with_own_pages(pool)) as browser:
        paths = ["/ops", "/ops/jobs", f"/ops/jobs/{job}", f"/ops/find?id={made.id}"]
        paths += [f"/ops/texts?show={show}" for show in ("unknown", "failed", "due")] + [f"/ops/texts/{i}" for i in ids]
        sync = await factory.one("select auto_sync_id from auto_sync_messages where id = %s", ids[0])
        for path in (*paths, f"/ops/find?id={sync}"):
            page = (await browser.get(path)).text
            assert not re.search(r"7093|5557|example\.org|secret plan", page), path
        assert "093" in page


# Find


async def test_an_id_leads_to_what_it_names(pool: Pool, factory: Factory) -> None:
    job, made = await failed_job(factory)
    message = await text(factory, "unknown")
    async with operator(app_with_own_pages(pool)) as browser:
        for id_, place in ((job, f"/ops/jobs/{job}"), (message, f"/ops/texts/{message}")):
            assert (await browser.get("/ops/find", params={"id": f" {id_} "})).headers["location"] == place
        page = (await browser.get("/ops/find", params={"id": str(made.id)})).text
        assert "3 asked, 0 answered" in page
        assert f"/ops/jobs/{job}" in page
        await factory.do("delete from job_queue")
        await factory.do("delete from auto_sync_messages")
        assert "Board games" in (await browser.get("/ops/find", params={"id": str(made.id)})).text
        assert (await browser.get("/ops/find", params={"id": str(uuid4())})).status_code == 404
        assert (await browser.get("/ops/find", params={"id": "<script>"})).status_code == 422
        assert (await browser.get(f"/ops/jobs/{uuid4()}")).status_code == 404
        assert (await browser.get(f"/ops/texts/{uuid4()}")).status_code == 404
        assert (await browser.post(f"/ops/jobs/{uuid4()}/run")).status_code == 404


# What others wrote, and how much is asked


async def test_names_and_errors_are_text_and_never_markup(pool: Pool, factory: Factory) -> None:
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>`<b>`"
    job, made = await failed_job(factory, error=evil, event_name=evil)
    await factory.do("update contacts set first_name = %s", evil)
    message = await factory.one("select id from auto_sync_messages where auto_sync_id = %s limit 1", made.id)
    await factory.do(
        "update auto_sync_messages set status = 'failed', status_reason = %s, error_code = %s, sent_at = null,"
        " created_at = now() where id = %s",
        evil, evil, message,
    )  # fmt: skip
    await factory.do(
        "insert into auto_sync_workers (id, name, version, does) values (gen_random_uuid(), %s, '1', %s)", evil, evil
    )
    async with operator(app_with_own_pages(pool)) as browser:
        for path in (
            "/ops", "/ops/jobs", f"/ops/jobs/{job}", "/ops/texts?show=failed", f"/ops/texts/{message}",
            f"/ops/find?id={made.id}", "/ops/texts?show=failed&code=%3Cscript%3Ealert", "/ops?last=%3Cscript%3Ealert",
        ):  # fmt: skip
            page = (await browser.get(path)).text
            assert "<script>alert" not in page, path
            assert "<img" not in page, path
            assert "<b>`" not in page, path


async def test_the_number_of_queries_is_fixed(
    pool: Pool, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def counts(browser: AsyncClient, asked: list[str]) -> list[int]:
        found = []
        for path in ("/ops", "/ops?last=3d", "/ops/jobs", "/ops/jobs?show=due", "/ops/texts", "/ops/texts?show=held"):
            asked.clear()
            assert (await browser.get(path)).status_code == 200
            found.append(len(asked))
        return found

    with statements_asked(monkeypatch) as asked:
        async with operator(app_with_own_pages(pool)) as browser:
            few = await counts(browser, asked)
            await make_busy(connection, jobs=400)
            assert await counts(browser, asked) == few
    assert max(few) < 30
