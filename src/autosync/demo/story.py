"""The whole story in a minute: texts, answers, reminder, pause, remind again, critical mass, invites, an early end.

`await play(console)` plays it on a database of its own, prints it as it happens, and says whether all came out right.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from rich.console import Console

from autosync import inbox, syncs
from autosync.database import clock, embedded, migrate
from autosync.database.demo import all_jobs, all_texts
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.database.syncs import list_all
from autosync.demo import cast
from autosync.demo.cast import CREW, NUMBERS, REGION, ZONE, seat
from autosync.demo.timeline import Timeline, count_sent
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.model import SyncStatus
from autosync.processor import Processor


@dataclass(frozen=True, slots=True)
class Stage:
    """What the story is played on."""

    connection: Connection
    processor: Processor
    dispatcher: Dispatcher
    timeline: Timeline
    organizer: UUID

    async def let_it_work(self) -> None:
        """What a worker does by itself: everything that is due, and the texts that follow."""
        await self.processor.process_due()
        await self.dispatcher.dispatch_due()
        await self.timeline.show_news()

    async def pass_time(self, minutes: int) -> None:
        """Moves the demo's clock ahead."""
        await clock.move_ahead(self.connection, timedelta(minutes=minutes))
        await self.let_it_work()

    async def hears(self, name: str, words: str) -> None:
        """Somebody of the crew texts back."""
        await self.timeline.say(name, f"texts: {words}")
        text = inbox.InboundText("record", str(uuid4()), NUMBERS[name], words)
        await inbox.receive(self.connection, text, region=REGION)
        await self.let_it_work()

    async def start(self, event: str, place: str, *hours: cast.Hours) -> UUID:
        """Maya asks her crew; `hours`: (days from now, from, to)."""
        await self.timeline.say("Maya", f"starts: {event}")
        plan = await cast.plan(self.connection, self.organizer, event, place, hours)
        started = await syncs.start(self.connection, plan, region=REGION)
        for name, reason in started.left_out:
            await self.timeline.say(name, f"is not asked: {reason}")
        await self.let_it_work()
        return started.sync.id


async def play(console: Console) -> bool:
    """Plays the story and returns whether it came out right."""
    console.print("[bold]Auto Sync[/bold]: five friends, one embedded PostgreSQL, demo timings (5 and 10 minutes)\n")
    with embedded.temporary() as url:
        async with connect(url) as connection:
            await migrate.migrate(connection)
        async with open_pool(url) as pool, _stage(pool, console) as stage:
            game_night = await _game_night(stage)
            hike = await _hike_called_off_early(stage)
            return await _came_out_right(stage, game_night, hike, console)


@asynccontextmanager
async def _stage(pool: Pool, console: Console) -> AsyncIterator[Stage]:
    async with pool.connection() as connection:
        organizer = await seat(connection)
        gateway = RecordGateway()
        dispatcher = Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region=REGION)
        yield Stage(connection, Processor(pool=pool), dispatcher, Timeline(connection, ZONE, console), organizer)


async def _game_night(stage: Stage) -> UUID:
    sync_id = await stage.start("Board game night", "Luna Cafe", (9, 18, 20), (10, 18, 20), (11, 14, 17))
    await stage.pass_time(2)
    await stage.hears("Ann", "1 and 3 work!")
    await stage.hears("Ben", "1 please")
    await stage.pass_time(3)
    await stage.pass_time(1)
    await stage.hears("Chloé", "None of these, sorry")
    await stage.pass_time(4)
    await stage.timeline.say("Maya", "reminds again")
    await syncs.remind(stage.connection, sync_id, organizer_id=stage.organizer)
    await stage.let_it_work()
    await stage.pass_time(2)
    await stage.hears("Dev", "the first one")
    await stage.timeline.say("Maya", "sends invites for option 1")
    await syncs.invite(stage.connection, sync_id, 1, organizer_id=stage.organizer)
    await stage.let_it_work()
    return sync_id


async def _hike_called_off_early(stage: Stage) -> UUID:
    await stage.hears("Eli", "STOP")
    sync_id = await stage.start("Sunday hike", "Bear Mountain", (12, 9, 13))
    await stage.timeline.say("Maya", "calls it off before anybody is reminded")
    await syncs.stop(stage.connection, sync_id, organizer_id=stage.organizer)
    await stage.pass_time(10)
    return sync_id


async def _came_out_right(stage: Stage, game_night: UUID, hike: UUID, console: Console) -> bool:
    texts = await all_texts(stage.connection)
    jobs = await all_jobs(stage.connection)
    listed = await list_all(stage.connection, organizer_id=stage.organizer, status=None, limit=10)
    status = {sync.id: sync.status for sync in listed}
    checks = {
        "Five were asked to the game night; to the hike all but Eli, who had said stop.": count_sent(texts, "initial")
        == sorted([*CREW, *(name for name in CREW if name != "Eli")]),
        "Only those without an answer were reminded: Chloé, Dev and Eli, and again Dev and Eli.": count_sent(
            texts, "reminder"
        )
        == ["Chloé", "Dev", "Dev", "Eli", "Eli"],
        "Maya got an update for each reminder, one summary, and word that the goal was met.": [
            len(count_sent(texts, type_)) for type_ in ("reminder_update", "pause_summary", "goal_met")
        ]
        == [2, 1, 1],
        "Everybody was invited once.": count_sent(texts, "invite") == CREW,
        "The game night is completed, the hike stopped.": (status[game_night], status[hike])
        == (SyncStatus.COMPLETED, SyncStatus.STOPPED),
        "The hike's jobs were skipped, and say why.": all(
            job.status == "skipped" and job.reason for job in jobs if job.event_name == "Sunday hike"
        ),
        "No job is left over, and none has failed.": all(job.status in ("processed", "skipped") for job in jobs),
        "No text is left over.": all(text.status == "sent" for text in texts),
    }
    console.print()
    for sentence, holds in checks.items():
        console.print(f"{'✔' if holds else '✘'} {sentence}", style="green" if holds else "bold red")
    return all(checks.values())
