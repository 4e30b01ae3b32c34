"""`make chaos`: see the package. Exits 0 if nothing was lost, nothing happened twice, and nobody had to help."""

from __future__ import annotations

import argparse
import asyncio
import socket
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path

import httpx
from pydantic import SecretStr

from autosync.database import cron
from autosync.database.cron import Endpoint
from autosync.database.pool import connect
from chaos import crew as crews
from chaos.crew import SERVICE_KEY, Crew, Member, clock_an_hour_ahead
from chaos.faults import Faults, Progress, Watch
from chaos.kept import keep
from chaos.nursery import Nursery
from chaos.people import AWAY, People, left_at
from chaos.report import Report
from chaos.server import Server
from chaos.wire import Wire
from ledger import KEEP_CHANGES, Kind, differences, of_gateway, open_books, waits
from pg_net import lay_net, lay_vault, post_once
from waiting import until

GRACE = timedelta(seconds=20)
RESTARTS = ("server killed", "server restarted")
PATIENCE = 900.0
"""Seconds until everything must be done once it is calm: a claim's lease, and the look-ups that follow it.

And as long again as the faults went on: what has been in doubt is looked up when it has been so for half as long again.
"""
REMAINS = """
select
  (select count(*) from job_queue where status = 'pending' and scheduled_at <= autosync_now())
  + (select count(*) from auto_sync_missing_reminders) as jobs,
  (
    select count(*) from auto_sync_messages as m
    where m.status = 'queued' and m.send_after <= autosync_now() and not exists (
      select from auto_syncs as s where s.id = m.auto_sync_id and s.status = 'paused' and m.message_type = 'initial'
    )
  ) as texts,
  (
    select count(*) from auto_sync_messages
    where status = 'sending' or status = 'unknown' and send_after is not null
  ) as in_doubt
"""
KEEP_THE_CLEANED = """
create table chaos_cleaned (like job_queue);
create function chaos_keep_cleaned() returns trigger language plpgsql security definer as $$
begin
  insert into public.chaos_cleaned select * from old_jobs;
  return null;
end
$$;
create trigger chaos_keep_cleaned after delete on job_queue referencing old table as old_jobs
for each statement execute function chaos_keep_cleaned();
create table chaos_cleaned_failures (like job_failures);
create function chaos_keep_cleaned_failures() returns trigger language plpgsql security definer as $$
begin
  insert into public.chaos_cleaned_failures select * from old_failures;
  return null;
end
$$;
create trigger chaos_keep_cleaned_failures after delete on job_failures referencing old table as old_failures
for each statement execute function chaos_keep_cleaned_failures();
create table chaos_former_answers (auto_sync_id uuid, responded_at timestamptz);
create function chaos_keep_answers() returns trigger language plpgsql security definer as $$
begin
  insert into public.chaos_former_answers select auto_sync_id, responded_at from old_answers;
  return null;
end
$$;
create trigger chaos_keep_answers_deleted after delete on auto_sync_responses referencing old table as old_answers
for each statement execute function chaos_keep_answers();
create trigger chaos_keep_answers_updated after update on auto_sync_responses referencing old table as old_answers
for each statement execute function chaos_keep_answers();
"""
"""Housekeeping removes what was done three days ago, a minute of this, and answers go with their contacts; the ledger
is to judge by them all the same."""


async def run(minutes: float, *, per_day: int, day: float, pace: float, seed: int, folder: Path | None) -> Report:
    """All of it: set up, break, calm down, judge. `folder`: where to keep what it leaves, if not only a failure's."""
    server, report = Server(), Report()
    try:
        await asyncio.to_thread(server.create)
        await _run(server, report, minutes, per_day=per_day, day=day, pace=pace, seed=seed, folder=folder)
    finally:
        await asyncio.to_thread(server.remove)
    return report


async def _run(
    server: Server,
    report: Report,
    minutes: float,
    *,
    per_day: int,
    day: float,
    pace: float,
    seed: int,
    folder: Path | None,
) -> None:
    twilio_port, web_port, health_port = _free_port(), _free_port(), _free_port()
    twilio_url, public_url = f"http://127.0.0.1:{twilio_port}", f"http://127.0.0.1:{web_port}"
    wires = [Wire(server.url), Wire(server.url)]
    for wire in wires:
        await wire.start()
    crew, stand_in = Crew(server.folder), Crew(server.folder)
    plain = crews.settings(server.url, twilio_url=twilio_url, public_url=public_url)
    quiet = {name: value for name, value in plain.items() if name != "AUTOSYNC_PUBLIC_URL"}
    async with AsyncExitStack() as stack:
        stack.callback(crew.stop)
        stack.callback(stand_in.stop)
        stand_in.hire("twilio", "fake-twilio", "--port", str(twilio_port), "--pace", "0", settings=plain)
        await _until_it_answers(f"{twilio_url}/fake/requests")
        people = People(server.url, twilio_url=twilio_url, per_day=per_day, day=day, seed=seed)
        await people.move_in()
        async with connect(server.url) as connection:
            await connection.execute((KEEP_THE_CLEANED + KEEP_CHANGES).encode())
        # A call by pg_cron may take twenty seconds: killed as often as the others, this would hardly answer any.
        crew.hire("web", "serve", "--no-worker", "--port", str(web_port), settings=plain, weight=0.25)
        crew.hire("reporting", "worker", settings=plain)
        crew.hire("through-a-wire", "worker", settings=quiet | {"DATABASE_URL": wires[0].url})
        crew.hire(
            "never-killed", "worker", "--metrics-port", str(health_port),
            settings=quiet | {"DATABASE_URL": wires[0].url}, is_mortal=False,
        )  # fmt: skip
        crew.hire("through-another", "worker", settings=quiet | {"DATABASE_URL": wires[1].url})
        # The library reads its variables at its start, and now and then again.
        ahead = clock_an_hour_ahead()
        crew.hire("an-hour-ahead", "worker", settings=quiet | ahead, nursery=Nursery(ahead))
        await _wake_by_cron(server.url, f"{public_url}/functions/v1/process-auto-sync-jobs")

        ends = time.monotonic() + minutes * 60
        faults = Faults(server, crew, wires, twilio_url, seed)
        progress, watch = Progress(twilio_url), Watch(f"http://127.0.0.1:{health_port}/health/ready")
        began = time.monotonic()
        say = asyncio.create_task(_say_how_it_goes(server.url, progress, began))
        stack.callback(say.cancel)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(people.live(ends))
                group.create_task(faults.happen(ends, pace=pace))
                group.create_task(progress.watch(ends + 5))
                group.create_task(watch.look(ends + 5))
                group.create_task(_post_calls(server.url, report, lambda: time.monotonic() < ends))
        except ExceptionGroup:
            traceback.print_exc()
            raise
        report.seconds = time.monotonic() - began

        await faults.misbehave({})
        for wire in wires:
            wire.mend()
        report.drained_in = await _calm_down(server.url, report, crew.members)
        report.measure(faults.happened, progress, watch)
        report.kills = sum(member.kills for member in crew.members)
        report.restarts = sum(fault.name in RESTARTS for fault in faults.happened)
        report.deaths = {member.name: member.deaths for member in crew.members}
        report.turned_away = sum(member.turned_away for member in crew.members)
        report.done, report.deadlocks = people.done, people.deadlocks
        report.ended = await asyncio.to_thread(crew.stop)
        async with httpx.AsyncClient(base_url=twilio_url, timeout=120) as http:
            ledger = (await http.get("/fake/ledger")).json()
            report.requests = (await http.get("/fake/requests")).json()["create"]
        stack.pop_all().push_async_callback(_closed, stand_in, say, wires)
        _judge(server.url, report, ledger, people)
        async with connect(server.url) as connection:
            report.differences += await people.told.broken(connection)
        if folder or not report.is_well:
            report.kept = await asyncio.to_thread(keep, folder, server, people, ledger, report)
        await _closed(stand_in, say, wires)


async def _calm_down(url: str, report: Report, members: list[Member]) -> float | None:
    """Seconds until all was done; None: it never was."""
    began = time.monotonic()
    is_over = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        # Amid the faults few calls by pg_cron are answered: each takes up to twenty seconds, and something cuts it off.
        calls = group.create_task(_post_calls(url, report, lambda: not is_over.is_set()))
        try:
            await until(lambda: _all_is_done(url, members), within=PATIENCE + report.seconds)
        except TimeoutError:
            return None
        finally:
            is_over.set()
            calls.cancel()
    return time.monotonic() - began


async def _closed(stand_in: Crew, say: asyncio.Task[None], wires: list[Wire]) -> None:
    say.cancel()
    await asyncio.to_thread(stand_in.stop)
    for wire in wires:
        await wire.close()


def _judge(url: str, report: Report, ledger: dict[str, list[dict[str, str]]], people: People) -> None:
    accepted = ledger["accepted"]
    books = open_books(
        url,
        grace=GRACE,
        kept_jobs="chaos_cleaned",
        kept_failures="chaos_cleaned_failures",
        kept_answers="chaos_former_answers",
        kept_changes="kept_changes",
        left_at=left_at(accepted, people.clock, GRACE),
        on_the_wall=people.clock.on_the_wall,
    )
    report.waits = sorted(waited.total_seconds() for _, waited in waits(books))
    report.jobs = Counter(job.status for jobs in books.jobs.values() for job in jobs)
    report.texts = Counter(text.status for text in books.all_texts() if text.cause_id is not None)
    report.taken = len(accepted)
    known = [entry for entry in accepted if entry["to"] not in people.forgotten]
    report.undecided = [text.status_reason for text in books.all_texts() if text.status == "unknown"]
    found = differences(books) + of_gateway(books, known, gateway="twilio", refused=ledger.get("refused"))
    report.differences = [line for line in found if not (line.startswith(Kind.UNKNOWN) and all(report.undecided))]


async def _all_is_done(url: str, members: list[Member]) -> bool:
    for member in members:
        member.look_after()
    await asyncio.sleep(0.5)
    return await _remains(url) == (0, 0, 0)


async def _remains(url: str) -> tuple[int, ...] | None:
    try:
        async with asyncio.timeout(30), connect(url) as connection:
            return await (await connection.execute(REMAINS)).fetchone()
    except AWAY:
        return None


async def _say_how_it_goes(url: str, progress: Progress, began: float) -> None:
    while True:
        await asyncio.sleep(15)
        taken = progress.seen[-1][1] if progress.seen else 0
        jobs, texts, in_doubt = await _remains(url) or ("?", "?", "?")
        seconds = time.monotonic() - began
        sys.stderr.write(
            f"{seconds:6.0f} s  {taken:,} texts taken; due: {jobs} jobs, {texts} texts; {in_doubt} in doubt\n"
        )


async def _wake_by_cron(url: str, endpoint: str) -> None:
    async with connect(url) as connection:
        await lay_net(connection)
        await lay_vault(connection)
        await cron.install(connection, Endpoint(endpoint, SecretStr(SERVICE_KEY)))


async def _post_calls(url: str, report: Report, goes_on: Callable[[], bool]) -> None:
    """As pg_net does for pg_cron, for as long as it goes on."""

    def count(status: int | None) -> None:
        report.called[str(status or "no answer")] += 1

    while goes_on():
        with suppress(*AWAY):
            async with connect(url) as connection:
                while goes_on():
                    await post_once(connection, tell=count)
                    await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)


async def _until_it_answers(url: str) -> None:
    async with httpx.AsyncClient() as http:

        async def answers() -> bool:
            with suppress(httpx.HTTPError):
                return (await http.get(url)).status_code == 200
            return False

        await until(answers)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def main() -> int:
    """Reads what is wanted, runs it, and says what came of it."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="of faults; what remains is done after them")
    parser.add_argument("--syncs-per-day", type=int, default=1000, help="that begin each time the clock jumps by a day")
    parser.add_argument("--day", type=float, default=20, help="seconds from one jump to the next")
    parser.add_argument("--pace", type=float, default=1, help="2: half as many faults")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--keep",
        type=Path,
        metavar="FOLDER",
        help="for the rows (pg_dump), the gateway's records, the clock's jumps (seconds since 1970, seconds ahead), all"
        " that was found and the logs; those of a run that fails are kept in any case, and the report says where",
    )
    wanted = parser.parse_args()
    report = asyncio.run(
        run(
            wanted.minutes,
            per_day=wanted.syncs_per_day,
            day=wanted.day,
            pace=wanted.pace,
            seed=wanted.seed,
            folder=wanted.keep,
        )
    )
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return 0 if report.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
