"""One event for each completed sync: by Google's own ledger, under every fault at once and inviters that are killed."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest

from autosync.database.pool import Pool
from autosync.fake_google.faults import Fault
from connected import connected_organizer, connections_of, google_at
from factories import Factory, at_noon
from google_stand_in import GoogleStandIn, google_stand_in
from inviting import let_time_pass, make_inviter, until_settled
from waiting import until

SYNCS = int(os.environ.get("AUTOSYNC_TEST_EVENTS", "1000"))
PEOPLE = [f"person{n}@example.com" for n in range(10)]
GUESTS = 3
ROUNDS = 3

FOR_GOOD = {Fault.INVALID_GRANT, Fault.FORBIDDEN, Fault.EXPIRED}
"""What ends an event's way by itself, the last one if it happens twice in a row; tests of their own are about these."""
LIES = {Fault.NOT_FOUND, Fault.DELETED}
"""What is answered so twice, with time in between, is believed: at a deletion never, and when it is looked at so seldom
that it does not happen twice to one event."""
ANY = dict.fromkeys(set(Fault) - FOR_GOOD, 0.03)
AT_A_LOOK = ANY | dict.fromkeys(LIES, 0.002)
AT_A_DELETION = dict.fromkeys(set(Fault) - FOR_GOOD - LIES, 0.03)


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        running.people(*PEOPLE)
        yield running


async def complete_all(factory: Factory, google: GoogleStandIn, pool: Pool, how_many: int) -> None:
    """Syncs of ten organizers, each sync with three guests, two of whom have an address; all completed at once."""
    await at_noon(factory)
    client = google_at(google.url)
    for person in PEOPLE:
        organizer = await connected_organizer(factory, google, connections_of(pool, client), person=person)
        await factory.do(
            "insert into contacts (user_id, first_name, email) select %s, 'Guest ' || n,"
            " case when n > 1 then 'guest' || n || '.of.' || %s::text end from generate_series(1, %s::integer) n",
            organizer, person, GUESTS,
        )  # fmt: skip
    await client.close()
    await factory.do(
        "with s as (insert into auto_syncs (organizer_id, event_name, timezone)"
        "  select p.id, 'Event ' || n, 'America/New_York' from generate_series(1, %s) n"
        "  join (select id, row_number() over (order by id) - 1 as place from profiles) p on p.place = n %% %s"
        "  returning id, organizer_id"
        "), o as (insert into auto_sync_options (auto_sync_id, idx, start_time)"
        "  select id, 1, date_trunc('hour', autosync_now()) + interval '9 days' from s"
        ") insert into auto_sync_messages (auto_sync_id, contact_id, message_type)"
        " select s.id, c.id, 'initial' from s join contacts c on c.user_id = s.organizer_id",
        how_many, len(PEOPLE),
    )  # fmt: skip
    await factory.do(
        "update auto_syncs s set status = 'completed', metadata = jsonb_build_object('chosen_option_id', o.id)"
        " from auto_sync_options o where o.auto_sync_id = s.id"
    )
    await factory.do("update auto_sync_events set next_attempt_at = next_attempt_at - random() * interval '1 second'")


async def change_some(factory: Factory, number: int) -> None:
    """After the first round a quarter is moved, after the second some are stopped and some are deleted."""
    some = "(select id from auto_syncs where status = 'completed' order by id limit %s)"
    if number == 0:
        await factory.do(
            f"update auto_sync_options set start_time = start_time + interval '1 hour' where auto_sync_id in {some}",
            SYNCS // 4,
        )
    if number == 1:
        await factory.do(f"update auto_syncs set status = 'stopped' where id in {some}", SYNCS // 20)
        await factory.do(f"delete from auto_syncs where id in {some}", SYNCS // 20)


@asynccontextmanager
async def two_inviters(database_url: str, google: GoogleStandIn) -> AsyncIterator[list[subprocess.Popen[bytes]]]:
    script = str(Path(__file__).with_name("inviting.py"))
    inviters = [subprocess.Popen([sys.executable, script, database_url, google.url]) for _ in range(2)]
    try:
        yield inviters
    finally:
        for inviter in inviters:
            inviter.kill()
            inviter.wait()


async def kill_in_the_middle(
    google: GoogleStandIn, inviters: list[subprocess.Popen[bytes]], dice: random.Random
) -> None:
    """SIGKILL for one after the other, each after some more requests: somewhere in a batch."""
    for inviter in inviters:
        enough = sum(google.requests()["calls"].values()) + dice.randint(SYNCS // 10, SYNCS // 5)

        async def is_enough(enough: int = enough) -> bool:
            asked: dict[str, int] = (await asyncio.to_thread(google.requests))["calls"]
            return sum(asked.values()) >= enough

        await until(is_enough, within=90)
        inviter.kill()
        inviter.wait()


async def count_done_and_forgotten(factory: Factory, google: GoogleStandIn) -> int:
    """Of how many events Google has what their inviter could not say any more."""

    async def at_rest() -> bool:
        return await asyncio.to_thread(google.is_at_rest)

    await until(at_rest)
    there = {entry["id"]: entry["private"]["autosync_sequence"] for entry in google.events()}
    sending: list[tuple[str, int]] = await factory.rows(
        "select replace(sync_id::text, '-', ''), sequence from auto_sync_events where delivery = 'sending'"
        " and known_sequence is distinct from sequence"
    )
    return len([id_ for id_, sequence in sending if there.get(id_) == str(sequence)])


async def test_under_every_fault_and_with_inviters_killed_each_sync_has_one_event_as_it_was_last_wanted(
    factory: Factory, pool: Pool, database_url: str, google: GoogleStandIn
) -> None:
    dice = random.Random(7)
    await complete_all(factory, google, pool, SYNCS)
    lies = {"delete": AT_A_DELETION, "get": AT_A_LOOK}
    google.misbehave(probabilities=ANY, by_call=lies, seed=7, slow_seconds=0.1, retry_after=1)
    done_and_forgotten = 0
    for number in range(ROUNDS):
        async with two_inviters(database_url, google) as inviters:
            await kill_in_the_middle(google, inviters, dice)
        done_and_forgotten += await count_done_and_forgotten(factory, google)
        await change_some(factory, number)
        google.expire()
        await let_time_pass(factory)
    google.misbehave()
    client = google_at(google.url)
    await until_settled(factory, make_inviter(pool, connections_of(pool, client)), rounds=12)
    await client.close()

    assert done_and_forgotten > 0, "no inviter was killed between telling Google and recording it"
    await judge_by_the_ledger(factory, google)


async def judge_by_the_ledger(factory: Factory, google: GoogleStandIn) -> None:
    """Each event of the ledger is one of ours, made once, as we want it; each of ours is there, or was never to be."""
    ledger = {entry["id"]: entry for entry in google.events()}
    rows = await factory.rows(
        "select e.sync_id, e.status, e.sequence, e.delivery, e.known_sequence, o.start_time"
        " from auto_sync_events e left join auto_sync_options o on o.id = e.option_id"
    )
    told = Counter(entry["status"] for entry in ledger.values())
    sys.stdout.write(
        f"{len(rows):,} events: {told}, after {sum(google.requests()['calls'].values()):,} requests,"
        f" {sum(entry['inserts_refused'] for entry in ledger.values())} inserts refused\n"
    )
    assert len(rows) == SYNCS
    assert google.violations() == []
    assert set(ledger) <= {sync_id.hex for sync_id, *_ in rows}, "nothing that is not ours"
    for sync_id, status, sequence, delivery, known, start in rows:
        event = ledger.get(sync_id.hex)
        if event is None:
            assert (status, delivery) in {("cancelled", "none"), ("cancelled", "sent")}, "taken back in time"
            continue
        assert (event["inserts_accepted"], event["status"]) == (1, status), sync_id
        assert (delivery, known) == ("sent", sequence), sync_id
        if status == "confirmed":
            person = event["calendar"]
            assert event["private"]["autosync_sequence"] == str(sequence), sync_id
            assert sorted(event["attendees"]) == [f"guest2.of.{person}", f"guest3.of.{person}"]
            assert await is_the_same(factory, event["start"]["dateTime"], start), sync_id
    assert {status for _, status, *_ in rows} == {"confirmed", "cancelled"}
    assert {sequence for _, _, sequence, *_ in rows} >= {0, 1, 2}


async def is_the_same(factory: Factory, written: str, start: object) -> bool:
    same: bool = await factory.one("select %s::timestamptz = %s", written, start)
    return same


async def test_revoked_in_the_middle_everything_falls_back_to_files_and_each_organizer_is_told_once(
    factory: Factory, pool: Pool, google: GoogleStandIn
) -> None:
    await complete_all(factory, google, pool, 100)
    client = google_at(google.url)
    inviter = make_inviter(pool, connections_of(pool, client), batch_size=30)
    await inviter.invite_once()
    for person in PEOPLE[:5]:
        google.revoke(person)
    google.expire()

    await until_settled(factory, inviter)
    await client.close()

    lost: list[tuple[UUID, int, int, int]] = await factory.rows(
        "select p.id, count(*) filter (where e.delivery = 'none'), count(*) filter (where e.delivery = 'sent'),"
        " (select count(*) from auto_sync_messages m join auto_syncs s on s.id = m.auto_sync_id"
        "  where s.organizer_id = p.id and m.contact_id is null and m.message_type = 'status')"
        " from profiles p join auto_sync_events e on e.organizer_id = p.id group by 1 order by 2"
    )
    assert [(without > 0, told) for _, without, _, told in lost] == [(False, 0)] * 5 + [(True, 1)] * 5
    assert sum(there for _, _, there, _ in lost) == len(google.events())
