"""The organizer's verbs: each whole or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from autosync import syncs
from autosync.database import people
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.model import Refused, ResponseGoal, Unusable
from autosync.processor import Processor
from autosync.segments import Encoding, count
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, make_dispatcher

BEGINS = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=10)


async def plan_for(factory: Factory, *names: str, **changes: object) -> syncs.Plan:
    """A plan that can be started, of an organizer whose crew has these people."""
    organizer = await factory.organizer()
    await factory.crew(organizer, [await factory.contact(organizer, name) for name in names or ("Ann", "Ben")])
    plan = syncs.Plan(
        organizer_id=organizer,
        crew="Friends",
        event_name="Board games",
        event_location="Luna Cafe",
        timezone="America/New_York",
        response_goal=ResponseGoal.EVERYONE,
        options=((BEGINS, BEGINS + timedelta(hours=2)), (BEGINS + timedelta(days=1), None)),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]


async def count_rows(factory: Factory) -> list[int]:
    """How many syncs, options, jobs and texts there are."""
    tables = ("auto_syncs", "auto_sync_options", "job_queue", "auto_sync_messages")
    return [await factory.one(f"select count(*) from {table}") for table in tables]


async def test_a_start_writes_the_sync_its_jobs_and_its_opening_texts(factory: Factory, connection: Connection) -> None:
    plan = await plan_for(factory, "Ann", "Ben", "Chloe")

    started = await syncs.start(connection, plan, region="US")

    assert await count_rows(factory) == [1, 2, 2, 4]
    pending = await factory.pending(started.sync.id)
    started_at = await factory.one("select started_at from auto_syncs")
    assert pending["reminder_24h"] == started_at + timedelta(hours=24)
    assert pending["auto_end_check"] == BEGINS + timedelta(days=1)
    initial = await factory.texts(started.sync.id, "initial")
    assert {contact for contact, *_ in initial} == {invitee.contact_id for invitee in started.sync.invitees}
    assert {status for _, status, *_ in initial} == {"queued"}
    [(recipient, _, body, _)] = await factory.texts(started.sync.id, "started")
    assert recipient is None
    assert "3 people" in body


async def test_a_start_leaves_out_whoever_cannot_be_texted_and_says_why(
    factory: Factory, connection: Connection
) -> None:
    plan = await plan_for(factory, "Ann")
    crew = await factory.one("select id from crews")
    number = await factory.one("select phone_number from contacts")
    for name, phone in (("NoNumber", None), ("Garbled", "call me"), ("Twin", number), ("Quiet", "+12125550150")):
        contact = await factory.contact(plan.organizer_id, name, phone_number=phone)
        await factory.do("insert into crew_members values (%s, %s)", crew, contact)
    await factory.suppress("+12125550150")

    started = await syncs.start(connection, plan, region="US")

    assert [invitee.name for invitee in started.sync.invitees] == ["Ann"]
    assert {name for name, _ in started.left_out} == {"NoNumber", "Garbled", "Twin", "Quiet"}
    assert dict(started.left_out)["Twin"] == "has the same number as Ann"
    assert len(await factory.texts(started.sync.id, "initial")) == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"event_name": "  "}, "has no name"),
        ({"event_name": "x" * 201}, "201 characters; 200 are the most"),
        ({"timezone": "Mars/Olympus"}, "time zone 'Mars/Olympus' is unknown"),
        ({"timezone": "../etc/passwd"}, "is unknown"),
        ({"options": ()}, "one to three options, not 0"),
        ({"options": tuple((BEGINS + timedelta(hours=n), None) for n in range(4))}, "one to three options, not 4"),
        ({"options": ((BEGINS, BEGINS - timedelta(hours=1)),)}, "Option 1 ends before it begins"),
        ({"options": ((BEGINS, None), (BEGINS, None))}, "Options 1 and 2 are the same time"),
        ({"options": ((BEGINS, None),) * 3}, "Options 1 and 2 are the same time"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_and_nothing_is_written(
    factory: Factory, connection: Connection, changes: dict[str, object], sentence: str
) -> None:
    plan = await plan_for(factory, **changes)

    with pytest.raises(Unusable, match=sentence):
        await syncs.start(connection, plan, region="US")

    assert await count_rows(factory) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"crew": "Strangers"}, "has no crew 'Strangers'"),
        ({"organizer_id": uuid4()}, "There is no organizer"),
        ({"options": ((datetime(2020, 1, 1, tzinfo=UTC), None),)}, "Option 1 begins in the past"),
    ],
)
async def test_a_plan_that_cannot_be_met_is_refused_and_nothing_is_written(
    factory: Factory, connection: Connection, changes: dict[str, object], sentence: str
) -> None:
    plan = await plan_for(factory, **changes)

    with pytest.raises(Refused, match=sentence) as refusal:
        await syncs.start(connection, plan, region="US")

    assert not isinstance(refusal.value, Unusable)
    assert await count_rows(factory) == [0, 0, 0, 0]


async def test_a_crew_without_a_textable_number_is_refused(factory: Factory, connection: Connection) -> None:
    plan = await plan_for(factory, "Ann")
    await factory.do("update contacts set phone_number = null")

    with pytest.raises(Refused, match="Nobody in the crew 'Friends' has a number that can be texted"):
        await syncs.start(connection, plan, region="US")

    assert await count_rows(factory) == [0, 0, 0, 0]


async def test_somebody_elses_crew_cannot_be_asked(factory: Factory, connection: Connection) -> None:
    other = await plan_for(factory, "Ann")
    crew = await factory.one("select id::text from crews")
    plan = replace(other, organizer_id=await factory.organizer("Otto"), crew=crew)

    with pytest.raises(Refused, match="has no crew"):
        await syncs.start(connection, plan, region="US")


async def test_two_crews_of_one_name_are_told_apart_by_id(factory: Factory, connection: Connection) -> None:
    plan = await plan_for(factory, "Ann")
    second = await factory.crew(plan.organizer_id, [await factory.contact(plan.organizer_id, "Ben")])

    with pytest.raises(Refused, match="2 crews named 'Friends': give the id"):
        await syncs.start(connection, plan, region="US")
    started = await syncs.start(connection, replace(plan, crew=str(second)), region="US")

    assert [invitee.name for invitee in started.sync.invitees] == ["Ben"]


async def test_reminding_again_goes_out_at_once_as_often_as_the_organizer_likes(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    await factory.demo_timings()
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0], 1)
    for times in range(1, 4):
        await factory.do("update auto_syncs set status = 'paused', paused_at = now() where id = %s", sync.id)
        await factory.move_clock(minutes=1)
        await syncs.remind(connection, sync.id)
        await Processor(pool=pool).process_due()

        reminded = [contact for contact, *_ in await factory.texts(sync.id, "reminder")]
        assert len(reminded) == 2 * times
        assert set(reminded) == set(sync.contacts[1:])
        wait = await factory.one(
            "select scheduled_at - autosync_now() from job_queue"
            " where job_type = 'pause_check_48h' and status = 'pending'"
        )
        assert timedelta(minutes=4, seconds=55) < wait <= timedelta(minutes=5)
        assert await factory.rows("select status::text, paused_at from auto_syncs") == [("running", None)]


async def test_only_a_paused_sync_can_remind_again(factory: Factory, connection: Connection) -> None:
    sync = await factory.sync()
    with pytest.raises(Refused, match="is running and reminds by itself"):
        await syncs.remind(connection, sync.id)
    await syncs.stop(connection, sync.id)
    with pytest.raises(Refused, match="was stopped already, which is final"):
        await syncs.remind(connection, sync.id)


async def test_an_invite_completes_the_sync_and_tells_everybody_who_was_asked(
    factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync(invitees=3)
    await factory.answer(sync, sync.contacts[0])

    await syncs.invite(connection, sync.id, 2)

    row = await factory.rows(
        "select status::text, completed_at is not null, metadata ->> 'chosen_option_id' from auto_syncs"
    )
    assert row == [("completed", True, str(sync.options[1]))]
    assert {contact for contact, *_ in await factory.texts(sync.id, "invite")} == set(sync.contacts)
    assert await factory.pending(sync.id) == {}


async def test_an_invite_for_an_option_that_is_missing_or_over_is_refused(
    factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync(options=2)
    await factory.do(
        "update auto_sync_options set start_time = now() - interval '2 days', end_time = now() - interval '1 day'"
        " where idx = 1"
    )
    with pytest.raises(Refused, match="has no option 3; its options are 1, 2"):
        await syncs.invite(connection, sync.id, 3)
    with pytest.raises(Refused, match="Option 1 is over"):
        await syncs.invite(connection, sync.id, 1)

    assert await factory.one("select status::text from auto_syncs") == "running"
    assert await factory.texts(sync.id, "invite") == []


@pytest.mark.parametrize("first", ["stop", "invite"])
async def test_what_has_ended_stays_ended(factory: Factory, connection: Connection, first: str) -> None:
    sync = await factory.sync()
    if first == "stop":
        await syncs.stop(connection, sync.id)
    else:
        await syncs.invite(connection, sync.id, 1)
    before = await factory.rows("select * from auto_syncs")

    for verb in (syncs.remind, syncs.stop):
        with pytest.raises(Refused, match="which is final"):
            await verb(connection, sync.id)
    with pytest.raises(Refused, match="which is final"):
        await syncs.invite(connection, sync.id, 2)

    assert await factory.rows("select * from auto_syncs") == before


async def test_after_another_client_has_let_a_completed_sync_go_on_everybody_is_told_the_new_time(
    factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync(invitees=3)
    for number in (1, 2, 2):
        await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
        await factory.do("update auto_sync_messages set created_at = created_at - interval '1 day'")
        await syncs.invite(connection, sync.id, number)
        await factory.do("update auto_sync_messages set status = 'sent', sent_at = autosync_now()")

    invites = await factory.texts(sync.id, "invite")
    assert Counter(contact for contact, *_ in invites) == dict.fromkeys(sync.contacts, 2), "the same time is told once"
    assert len({body for _, _, body, _ in invites}) == 2


async def test_an_invite_that_waits_for_the_morning_gives_way_to_the_one_for_another_time(
    factory: Factory, connection: Connection, pool: Pool
) -> None:
    gateway = FaultyGateway()
    await at_noon(factory)
    await factory.move_clock(hours=11)
    sync = await factory.sync(invitees=1)
    await syncs.invite(connection, sync.id, 1)
    await factory.move_clock(minutes=5)
    await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
    await syncs.invite(connection, sync.id, 2)
    await factory.move_clock(hours=11)

    await make_dispatcher(pool, gateway).dispatch_due()

    assert [status for _, status, *_ in await factory.texts(sync.id, "invite")] == ["canceled", "sent"]


@pytest.mark.parametrize("canceled_meanwhile", [True, False])
@pytest.mark.parametrize("between", [(), (2,)])
async def test_a_time_that_is_chosen_again_is_told_though_its_first_invites_never_left(
    factory: Factory, connection: Connection, pool: Pool, between: tuple[int, ...], canceled_meanwhile: bool
) -> None:
    dispatcher = make_dispatcher(pool, FaultyGateway())
    await at_noon(factory)
    await factory.move_clock(hours=11)
    sync = await factory.sync(invitees=2)
    for number in (1, *between, 1):
        await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
        await factory.move_clock(minutes=5)
        if canceled_meanwhile:
            await factory.do("update auto_sync_messages set send_after = autosync_now() where status = 'queued'")
            await dispatcher.dispatch_due()
        await syncs.invite(connection, sync.id, number)
    expected = (await factory.texts(sync.id, "invite"))[0][2]
    await factory.move_clock(hours=11)

    await dispatcher.dispatch_due()

    invites = await factory.texts(sync.id, "invite")
    assert [body for _, status, body, _ in invites if status == "sent"] == [expected] * 2
    assert {status for _, status, *_ in invites} <= {"sent", "canceled"}


@pytest.mark.parametrize("cause_is_an_option", [True, False])
async def test_the_invite_for_a_time_that_is_not_chosen_any_more_does_not_leave(
    factory: Factory, connection: Connection, pool: Pool, cause_is_an_option: bool
) -> None:
    """The first time was told by day, the second waits for the morning; then the first is chosen again."""
    dispatcher = make_dispatcher(pool, FaultyGateway())
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    await syncs.invite(connection, sync.id, 1)
    await dispatcher.dispatch_due()
    await factory.move_clock(hours=11)
    for number in (2, 1):
        await factory.do("update auto_syncs set status = 'running' where id = %s", sync.id)
        await factory.move_clock(minutes=5)
        await syncs.invite(connection, sync.id, number)
    if not cause_is_an_option:  # as before invites said for which time they are
        await factory.do("update auto_sync_messages set cause_id = gen_random_uuid() where message_type = 'invite'")
    await factory.move_clock(hours=11)

    await dispatcher.dispatch_due()

    left = ["sent", "canceled" if cause_is_an_option else "sent"]
    assert [status for _, status, *_ in await factory.texts(sync.id, "invite")] == left


@dataclass
class GoalMetEarly:
    """Three in Berlin have been asked by day, and have met the goal before two in California were awake."""

    sync: UUID
    asleep: list[UUID]
    dispatcher: Dispatcher


@pytest.fixture
async def early(factory: Factory, connection: Connection, pool: Pool) -> GoalMetEarly:
    """It is ten in the morning in California, and the sync has been paused for four hours."""
    await at_noon(factory)
    await factory.move_clock(hours=21)
    plan = await plan_for(factory, "Ann", "Ben", "Chloe", "Dev", "Eli", response_goal=ResponseGoal.CRITICAL_MASS)
    for place, name in enumerate(("Ann", "Ben", "Chloe", "Dev", "Eli")):
        number = f"+4915112345{place:03}" if place < 3 else f"+1310555{place:04}"
        await factory.do("update contacts set phone_number = %s where first_name = %s", number, name)
    dispatcher = make_dispatcher(pool, FaultyGateway())
    sync = (await syncs.start(connection, plan, region="US")).sync
    await dispatcher.dispatch_due()
    made = MadeSync(sync.id, plan.organizer_id, options=[option.id for option in sync.options])
    *awake, dev, eli = (invitee.contact_id for invitee in sync.invitees)
    for contact in awake:
        await factory.answer(made, contact, 1)
    await Processor(pool=pool).process_due()
    await factory.move_clock(hours=4)
    await dispatcher.dispatch_due()
    assert await factory.one("select status::text from auto_syncs") == "paused"
    return GoalMetEarly(sync.id, [dev, eli], dispatcher)


async def told(factory: Factory, people: list[UUID]) -> list[tuple[str, str]]:
    """Which texts each of these has been sent, in their order."""
    found = await factory.rows(
        "select c.first_name, m.message_type from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where c.id = any(%s) and m.status = 'sent' order by c.first_name, m.claimed_at", people,
    )  # fmt: skip
    return [(name, type_) for name, type_ in found]


async def test_whoever_was_asleep_when_the_goal_was_met_is_still_counted_and_gets_the_invite(
    factory: Factory, connection: Connection, early: GoalMetEarly
) -> None:
    [(_, _, report, _)] = await factory.texts(early.sync, "goal_met")
    assert "3 of 5 answered" in report
    assert await told(factory, early.asleep) == []
    assert await factory.one("select count(*) from auto_sync_invitees") == 5

    await syncs.invite(connection, early.sync, 1)
    await factory.move_clock(minutes=15)
    await early.dispatcher.dispatch_due()

    assert await told(factory, early.asleep) == [("Dev", "invite"), ("Eli", "invite")]


async def test_whoever_was_asleep_when_the_goal_was_met_is_asked_when_the_sync_goes_on(
    factory: Factory, connection: Connection, pool: Pool, early: GoalMetEarly
) -> None:
    await syncs.remind(connection, early.sync)
    await Processor(pool=pool).process_due()
    for _ in range(17):
        await factory.move_clock(minutes=1)
        await early.dispatcher.dispatch_due()

    assert await told(factory, early.asleep) == [
        ("Dev", "initial"), ("Dev", "reminder"), ("Eli", "initial"), ("Eli", "reminder")
    ]  # fmt: skip


async def test_a_sync_of_somebody_else_is_refused_like_one_that_does_not_exist(
    factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync()
    stranger = await factory.organizer("Otto")

    for sync_id in (sync.id, uuid4()):
        with pytest.raises(Refused, match=r"There is no sync .* of this organizer"):
            await syncs.stop(connection, sync_id, organizer_id=stranger)
        with pytest.raises(Refused, match="There is no sync"):
            await syncs.remind(connection, sync_id, organizer_id=stranger)
        with pytest.raises(Refused, match="There is no sync"):
            await syncs.invite(connection, sync_id, 1, organizer_id=stranger)

    assert await factory.one("select status::text from auto_syncs") == "running"


async def everything(factory: Factory) -> list[object]:
    """All rows that a start could touch."""
    tables = ("auto_syncs", "auto_sync_options", "job_queue", "auto_sync_messages", "contacts", "profiles")
    return [await factory.rows(f"select * from {table} order by id") for table in tables]


async def test_a_preview_tells_exactly_what_a_start_then_does_and_writes_nothing(
    factory: Factory, connection: Connection
) -> None:
    plan = await plan_for(factory, "Ann", "Ben", "Quiet")
    await factory.suppress(await factory.one("select phone_number from contacts where first_name = 'Quiet'"))
    before = await everything(factory)

    preview = await syncs.preview(connection, plan, region="US")

    assert await everything(factory) == before
    started = await syncs.start(connection, plan, region="US")
    assert preview.left_out == started.left_out == (("Quiet", "has opted out of all texts"),)
    assert replace(preview.sync, id=started.sync.id, options=()) == replace(started.sync, options=())
    names = {invitee.contact_id: invitee.name for invitee in started.sync.invitees} | {None: "Maya Lopez"}
    queued = [
        (names[contact], body)
        for kind in ("initial", "started")
        for contact, _, body, _ in await factory.texts(started.sync.id, kind)
    ]
    assert sorted((text.recipient_name, text.body) for text in preview.texts) == sorted(queued)
    assert preview.texts[-1].recipient_name == "Maya Lopez"


@pytest.mark.parametrize(
    ("event", "encoding", "initial", "reminder", "invite"),
    [("Board games", Encoding.GSM_7, 2, 2, 1), ("Board games 🎲", Encoding.UCS_2, 3, 3, 2)],
)
async def test_a_preview_counts_what_leaves_now_and_at_most(
    factory: Factory, connection: Connection, event: str, encoding: Encoding, initial: int, reminder: int, invite: int
) -> None:
    plan = await plan_for(factory, "Ann", "Ben", "Chloe", event_name=event)

    preview = await syncs.preview(connection, plan, region="US")

    *asks, confirmation = preview.texts
    assert [text.counted.segments for text in asks] == [initial] * 3
    assert {text.counted.encoding for text in preview.texts} == {encoding}
    assert all(text.counted == count(text.body) for text in preview.texts)
    assert preview.segments_total == 3 * initial + confirmation.counted.segments
    assert preview.segments_at_most == preview.segments_total + 3 * (reminder + invite)


@pytest.mark.parametrize(("number", "reason"), [(None, "There is no phone number."), ("+12125550177", "opted out")])
async def test_a_preview_tells_an_organizer_that_no_text_reaches_them(
    factory: Factory, connection: Connection, number: str | None, reason: str
) -> None:
    plan = await plan_for(factory, "Ann")
    await factory.do("update profiles set phone_number = %s", number)
    await factory.suppress("+12125550177")

    preview = await syncs.preview(connection, plan, region="US")

    assert [text.recipient_name for text in preview.texts] == ["Ann"]
    [(name, why)] = preview.left_out
    assert name == "Maya Lopez"
    assert why.startswith("organizes this, but gets no word of it: ")
    assert reason in why


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"event_name": "  "}, "has no name"),
        ({"crew": "Strangers"}, "has no crew 'Strangers'"),
        ({"organizer_id": uuid4()}, "There is no organizer"),
        ({"options": ((datetime(2020, 1, 1, tzinfo=UTC), None),)}, "Option 1 begins in the past"),
    ],
)
async def test_a_preview_refuses_what_a_start_refuses_in_the_same_words(
    factory: Factory, connection: Connection, changes: dict[str, object], sentence: str
) -> None:
    plan = await plan_for(factory, **changes)

    with pytest.raises(Refused, match=sentence) as foretold:
        await syncs.preview(connection, plan, region="US")
    with pytest.raises(Refused) as refusal:
        await syncs.start(connection, plan, region="US")

    assert (type(foretold.value), str(foretold.value)) == (type(refusal.value), str(refusal.value))


async def test_somebody_elses_contact_in_a_crew_is_not_asked(factory: Factory, connection: Connection) -> None:
    """Production's own policies may have let them in."""
    organizer, other = await factory.organizer(), await factory.organizer()
    crew = await factory.crew(organizer, [await factory.contact(organizer, "Ann"), await factory.contact(other, "Bob")])

    assert [member.name for member in await people.list_members(connection, crew)] == ["Ann"]
