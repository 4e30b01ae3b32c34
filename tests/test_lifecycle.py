"""What a due job does to a sync, as a table, at its edges, and on walks through whole lives of syncs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from autosync.lifecycle import (
    MAX_ATTEMPTS,
    Decision,
    Outcome,
    decide,
    goal_is_met,
    is_over,
    retry_pause,
    to_remind,
    turns_on_invitees,
    turns_on_options,
)
from autosync.model import JobType, MessageType, NewJob, Option, ResponseGoal, Sync, SyncStatus, Timings
from samples import NOW, PRODUCTION, Answer, answered, between, due, evening, make_sync, uuid

REMINDER, PAUSE_CHECK, AUTO_END = JobType.REMINDER, JobType.PAUSE_CHECK, JobType.AUTO_END
RUNNING, PAUSED, COMPLETED, STOPPED = SyncStatus
LATEST_END = evening(3).over_at

answer_sheets = st.lists(st.none() | st.sets(st.integers(1, 3)).map(sorted), max_size=7)
delays = st.timedeltas(timedelta(minutes=1), timedelta(days=7))
all_timings = st.builds(lambda first, then: Timings(first, first + then), delays, delays)


def decided(job_type: JobType, sync: Sync, *, now: datetime = NOW, timings: Timings = PRODUCTION) -> Decision:
    return decide(due(job_type), sync, now=now, timings=timings)


def recipients(decision: Decision, message_type: MessageType) -> list[object]:
    return [to for text in decision.texts if text.type is message_type for to in text.recipients]


def contacts(*places: int) -> list[object]:
    return [uuid(100 + place) for place in places]


# Each job in each state


def test_a_reminder_reminds_whoever_has_not_answered_and_updates_the_organizer() -> None:
    decision = decided(REMINDER, make_sync(None, [1], [], None))

    assert (decision.outcome, decision.reason, decision.new_status) == (Outcome.PROCESSED, None, None)
    assert decision.reminded
    assert recipients(decision, MessageType.REMINDER) == contacts(0, 3)
    assert recipients(decision, MessageType.REMINDER_UPDATE) == [None]
    assert sum(len(text.recipients) for text in decision.texts) == 3
    assert "reminded 2 of 4" in decision.texts[-1].body


def test_a_pause_check_pauses_and_sends_the_organizer_one_summary() -> None:
    decision = decided(PAUSE_CHECK, make_sync(None, [1]))

    assert (decision.outcome, decision.new_status, decision.follow_up) == (Outcome.PROCESSED, PAUSED, None)
    assert [(text.recipients, text.type) for text in decision.texts] == [((None,), MessageType.PAUSE_SUMMARY)]


def test_a_pause_check_that_the_goal_brought_forward_reports_that_it_is_met() -> None:
    decision = decided(PAUSE_CHECK, make_sync([2], [1]))

    assert decision.new_status is PAUSED
    assert [(text.recipients, text.type) for text in decision.texts] == [((None,), MessageType.GOAL_MET)]


@pytest.mark.parametrize("job_type", [REMINDER, PAUSE_CHECK])
@pytest.mark.parametrize("status", [PAUSED, COMPLETED, STOPPED])
def test_reminders_and_pause_checks_are_skipped_unless_the_sync_is_running(
    job_type: JobType, status: SyncStatus
) -> None:
    skipped = Decision(Outcome.SKIPPED, reason=f"The sync was {status} when this job was due.")
    assert decided(job_type, make_sync(None, [1], status=status)) == skipped


@pytest.mark.parametrize("status", [RUNNING, PAUSED])
def test_an_end_check_stops_a_sync_silently_once_all_is_over(status: SyncStatus) -> None:
    decision = decided(AUTO_END, make_sync(None, [1], status=status), now=LATEST_END)
    assert decision == Decision(Outcome.PROCESSED, new_status=STOPPED)


@pytest.mark.parametrize("status", [COMPLETED, STOPPED])
@pytest.mark.parametrize("now", [NOW, LATEST_END])
def test_an_end_check_leaves_an_ended_sync_as_it_is(status: SyncStatus, now: datetime) -> None:
    skipped = Decision(Outcome.SKIPPED, reason=f"The sync was {status} when this job was due.")
    assert decided(AUTO_END, make_sync(None, status=status), now=now) == skipped


# Reminders


@pytest.mark.parametrize("answers", [([1], []), ()], ids=["all have answered", "nobody was asked"])
def test_with_nobody_left_to_remind_no_text_goes_out_but_the_pause_check_is_scheduled(
    answers: tuple[Answer, ...],
) -> None:
    sync = make_sync(*answers)
    decision = decided(REMINDER, sync)

    after = NOW + timedelta(hours=24)
    assert decision.follow_up == NewJob(uuid(1000), PAUSE_CHECK, after, delays=not goal_is_met(sync, NOW))
    assert (decision.outcome, decision.texts, decision.reminded) == (Outcome.PROCESSED, (), False)
    assert decision.reason == "Nobody was left to remind."


def test_a_sync_that_another_client_left_without_options_is_reminded_all_the_same() -> None:
    decision = decided(REMINDER, make_sync(None, options=0))

    assert decision.follow_up == NewJob(uuid(1000), PAUSE_CHECK, NOW + timedelta(hours=24), delays=True)
    assert (decision.outcome, decision.reminded, len(decision.texts)) == (Outcome.PROCESSED, True, 2)


@given(late=st.timedeltas(timedelta(0), timedelta(days=10)), timings=all_timings, answers=answer_sheets)
def test_the_pause_check_comes_the_full_time_to_answer_after_the_reminder_however_late_that_was(
    late: timedelta, timings: Timings, answers: list[Answer]
) -> None:
    sync = make_sync(*answers)
    decision = decided(REMINDER, sync, now=NOW + late, timings=timings)
    pause_check = NOW + late + timings.pause_delay - timings.reminder_delay
    assert decision.follow_up == NewJob(uuid(1000), PAUSE_CHECK, pause_check, delays=not goal_is_met(sync, NOW)), (
        "a pause check that stands earlier waits, unless it is for a goal that is met"
    )


def test_a_reminder_offers_only_options_that_are_still_ahead_under_their_own_numbers() -> None:
    reminder = decided(REMINDER, make_sync(None), now=evening(1).over_at).texts[0].body

    assert "1) " not in reminder
    assert "2) Sat Dec 19, 6-8 PM EST\n3) Sun Dec 20, 6-8 PM EST\n" in reminder
    assert "(like 2 or 2,3)" in reminder


def test_a_reminder_still_offers_an_option_that_has_begun_but_not_ended() -> None:
    reminder = decided(REMINDER, make_sync(None), now=evening(1).start).texts[0].body
    assert "1) Fri Dec 18, 6-8 PM EST\n" in reminder


# The end of all options


@pytest.mark.parametrize("job_type", [REMINDER, PAUSE_CHECK])
def test_once_every_option_is_over_reminders_and_pause_checks_are_skipped_and_the_sync_ends(job_type: JobType) -> None:
    reason = "Every option of the sync was over when this job was due."
    ended = Decision(Outcome.SKIPPED, reason=reason, new_status=STOPPED)
    assert decided(job_type, make_sync(None), now=LATEST_END) == ended


@pytest.mark.parametrize("job_type", [REMINDER, PAUSE_CHECK])
def test_one_option_ahead_is_enough_to_go_on(job_type: JobType) -> None:
    decision = decided(job_type, make_sync(None), now=LATEST_END - timedelta(microseconds=1))
    assert decision.outcome is Outcome.PROCESSED


@pytest.mark.parametrize("status", [RUNNING, PAUSED])
def test_an_end_check_whose_latest_option_was_moved_later_waits_for_its_new_end(status: SyncStatus) -> None:
    moved = (evening(1), evening(9), evening(3))
    decision = decided(AUTO_END, make_sync(None, status=status, options=3), now=LATEST_END)
    postponed = decided(AUTO_END, replace(make_sync(None, status=status), options=moved), now=LATEST_END)

    assert decision.new_status is STOPPED
    assert postponed == Decision(Outcome.POSTPONED, postponed_to=evening(9).over_at)


def test_an_option_without_end_is_over_once_it_has_begun() -> None:
    sync = replace(make_sync(None), options=(evening(1), evening(3, hours=None)))
    begins = evening(3).start

    assert not is_over(sync, begins - timedelta(microseconds=1))
    assert is_over(sync, begins)
    assert decided(AUTO_END, sync, now=NOW) == Decision(Outcome.POSTPONED, postponed_to=begins)
    assert decided(AUTO_END, sync, now=begins).new_status is STOPPED


def test_a_sync_without_options_is_never_over() -> None:
    sync = make_sync(None, [1], options=0)

    assert not is_over(sync, LATEST_END)
    assert decided(AUTO_END, sync) == Decision(Outcome.SKIPPED, reason="The sync has no options any more.")
    assert decided(PAUSE_CHECK, sync, now=LATEST_END).new_status is PAUSED


# The response goal


def fewest_that_are_more_than_half(count: int) -> int:
    """Counted up by hand, not halved as the rule does it."""
    return next(n for n in range(count + 1) if n > count - n)


@pytest.mark.parametrize("invitees", range(1, 9))
def test_critical_mass_is_met_by_more_than_half_and_not_by_half(invitees: int) -> None:
    enough = fewest_that_are_more_than_half(invitees)
    for can in range(invitees + 1):
        sync = make_sync(*[[1]] * can, *[None] * (invitees - can), response_goal=ResponseGoal.CRITICAL_MASS)
        assert goal_is_met(sync, NOW) is (can >= enough)


def test_critical_mass_needs_the_same_option_not_just_many_answers() -> None:
    split = make_sync([1], [2], [3], [], response_goal=ResponseGoal.CRITICAL_MASS)
    agreed = make_sync([1, 2], [2], [2, 3], [], response_goal=ResponseGoal.CRITICAL_MASS)
    assert (goal_is_met(split, NOW), goal_is_met(agreed, NOW)) == (False, True)


def test_critical_mass_does_not_count_options_that_are_gone() -> None:
    sync = make_sync([1], [1], response_goal=ResponseGoal.CRITICAL_MASS)
    assert not goal_is_met(replace(sync, options=(evening(2), evening(3))), NOW)


@pytest.mark.parametrize("hours", [2, None])
def test_critical_mass_does_not_count_options_that_are_over(hours: float | None) -> None:
    first = evening(1, hours=hours)
    sync = make_sync([1], [1], [2], response_goal=ResponseGoal.CRITICAL_MASS)
    sync = replace(sync, options=(first, *sync.options[1:]))
    moment = timedelta(microseconds=1)
    assert goal_is_met(sync, first.over_at - moment)
    assert not goal_is_met(sync, first.over_at)
    assert goal_is_met(answered(sync, [1], [1, 2], [2]), first.over_at)


def test_a_pause_check_does_not_report_that_a_time_works_which_is_over() -> None:
    sync = make_sync([1], [1], None, response_goal=ResponseGoal.CRITICAL_MASS)
    for now, type_ in ((NOW, MessageType.GOAL_MET), (evening(1).over_at, MessageType.PAUSE_SUMMARY)):
        assert [text.type for text in decided(PAUSE_CHECK, sync, now=now).texts] == [type_]


def test_a_reminder_leaves_the_full_time_to_answer_where_the_time_that_had_met_the_goal_is_over() -> None:
    sync = make_sync([1], [1], None, response_goal=ResponseGoal.CRITICAL_MASS)
    for now, delays in ((NOW, False), (evening(1).over_at, True)):
        pause_check = decided(REMINDER, sync, now=now).follow_up
        assert pause_check is not None
        assert pause_check.delays is delays


@pytest.mark.parametrize("goal", ResponseGoal)
def test_no_goal_is_met_where_nobody_was_asked(goal: ResponseGoal) -> None:
    assert not goal_is_met(make_sync(response_goal=goal), NOW)


@pytest.mark.parametrize("now", [NOW, LATEST_END])
def test_everyone_counts_refusals_as_answers(now: datetime) -> None:
    assert goal_is_met(make_sync([], [], [1]), now)
    assert not goal_is_met(make_sync([], None, [1]), now)


@given(answers=answer_sheets)
def test_the_goals_agree_with_a_count_by_hand(answers: list[Answer]) -> None:
    everyone = bool(answers) and None not in answers
    votes = Counter(number for answer in answers for number in answer or ())
    most = max(votes.values(), default=0)

    assert goal_is_met(make_sync(*answers), NOW) is everyone
    critical_mass = make_sync(*answers, response_goal=ResponseGoal.CRITICAL_MASS)
    assert goal_is_met(critical_mass, NOW) is (most > len(answers) - most)


@given(answers=answer_sheets.filter(bool), last=st.sets(st.integers(1, 3)).map(sorted))
def test_one_more_who_can_make_all_never_unmeets_a_goal(answers: list[Answer], last: list[int]) -> None:
    for goal in ResponseGoal:
        before = make_sync(*answers, response_goal=goal)
        if None in answers and goal_is_met(before, NOW):
            place = answers.index(None)
            assert goal_is_met(answered(before, *answers[:place], last, *answers[place + 1 :]), NOW)


# Attempts


def test_retry_pauses_grow_and_end_after_five_attempts() -> None:
    pauses = [retry_pause(attempt) for attempt in range(1, MAX_ATTEMPTS)]

    assert pauses == [timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=8), timedelta(minutes=32)]
    assert MAX_ATTEMPTS == 5
    assert [retry_pause(attempt) for attempt in (5, 6, 100)] == [None, None, None]


def test_retry_pauses_only_ever_grow() -> None:
    pauses = [pause for attempt in range(1, 50) if (pause := retry_pause(attempt))]
    assert all(shorter < longer for shorter, longer in pairwise(pauses))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../etc/passwd", "a\0b", "\ud800", "EST5EDT4"])
@pytest.mark.parametrize("job_type", [REMINDER, PAUSE_CHECK])
def test_an_unknown_time_zone_raises_one_sentence_that_says_what_to_write(zone: str, job_type: JobType) -> None:
    with pytest.raises(ValueError, match=r"^The time zone .* is unknown: write an IANA name such as .*\.$") as raised:
        decided(job_type, make_sync(None, timezone=zone))
    assert "\n" not in str(raised.value)
    assert repr(zone) in str(raised.value)


# The whole state space


@st.composite
def any_option(draw: st.DrawFn) -> Option:
    start = NOW + timedelta(hours=draw(st.integers(-60, 60)))
    hours = draw(st.none() | st.integers(0, 80))
    return between(start, None if hours is None else start + timedelta(hours=hours))


@st.composite
def any_options(draw: st.DrawFn) -> tuple[Option, ...]:
    options = draw(st.lists(any_option(), max_size=3))
    return tuple(replace(option, id=uuid(number), number=number) for number, option in enumerate(options, start=1))


any_sync = st.builds(
    lambda answers, **columns: make_sync(*answers, **columns),
    answer_sheets,
    status=st.sampled_from(SyncStatus),
    response_goal=st.sampled_from(ResponseGoal),
)


@settings(max_examples=400)
@given(job_type=st.sampled_from(JobType), sync=any_sync, options=any_options(), timings=all_timings)
def test_every_decision_keeps_the_promises(
    job_type: JobType, sync: Sync, options: tuple[Option, ...], timings: Timings
) -> None:
    sync = replace(sync, options=options)
    assert_sound(decided(job_type, sync, timings=timings), sync, NOW)


def assert_sound(decision: Decision, sync: Sync, now: datetime) -> None:
    """What holds for any decision on any sync."""
    bare = Decision(decision.outcome, reason=decision.reason, postponed_to=decision.postponed_to)
    if decision.outcome is Outcome.SKIPPED and sync.status is RUNNING and is_over(sync, now):
        assert decision == replace(bare, new_status=STOPPED), "what is over ends"
    elif decision.outcome is not Outcome.PROCESSED:
        assert decision == bare, "a job that is not done has no effect"
    if decision.outcome is Outcome.SKIPPED:
        assert decision.reason, "a skip says why"
    assert (decision.postponed_to is not None) is (decision.outcome is Outcome.POSTPONED)
    assert decision.postponed_to is None or decision.postponed_to > now
    if sync.status.is_final:
        assert decision.outcome is Outcome.SKIPPED, "an ended sync is never changed"
    if decision.follow_up:
        assert decision.follow_up.scheduled_at > now
        assert decision.follow_up.sync_id == sync.id
    assert_texts_are_sound(decision, sync)


def assert_texts_are_sound(decision: Decision, sync: Sync) -> None:
    sent_to = Counter(to for text in decision.texts for to in text.recipients)
    assert all(count == 1 for count in sent_to.values()), "at most one text per person and job"
    silent = {invitee.contact_id for invitee in sync.invitees if invitee.answer is None}
    assert set(sent_to) - {None} <= silent, "never a text to somebody who has answered"
    assert decision.reminded is bool(set(sent_to) - {None})
    assert all(text.body and text.sync_id == sync.id and text.cause_id == due(REMINDER).id for text in decision.texts)


class LifeOfASync(RuleBasedStateMachine):
    """Answers, jobs that run late, and an organizer, in any order; written down as the processor does it."""

    @initialize(
        invitees=st.integers(0, 4),
        goal=st.sampled_from(ResponseGoal),
        timings=st.sampled_from([PRODUCTION, Timings(timedelta(minutes=5), timedelta(minutes=10))]),
    )
    def start(self, invitees: int, goal: ResponseGoal, timings: Timings) -> None:
        self.now, self.timings = NOW, timings
        self.answers: list[Answer] = [None] * invitees
        self.sync = make_sync(*self.answers, response_goal=goal)
        self.jobs = {REMINDER: NOW + timings.reminder_delay, AUTO_END: LATEST_END}
        self.reminded_at: datetime | None = None
        self.is_brought_forward = False
        self.rounds = 1
        self.reminders: Counter[object] = Counter()
        self.summaries = 0
        self.pauses = 0

    @precondition(lambda self: self.jobs)
    @rule(late=st.timedeltas(timedelta(0), timedelta(hours=30)), data=st.data())
    def run_a_due_job(self, late: timedelta, data: st.DataObject) -> None:
        job_type = min(self.jobs, key=lambda kind: (self.jobs[kind], kind))
        scheduled_at = self.jobs.pop(job_type)
        self.now = max(self.now, scheduled_at + late)
        decision = decided(job_type, self.sync, now=self.now, timings=self.timings)
        assert_sound(decision, self.sync, self.now)
        if job_type is PAUSE_CHECK and self.reminded_at and not self.is_brought_forward:
            assert self.now - self.reminded_at >= self.timings.time_to_answer, "a late reminder leaves the full time"
        self.write(decision, job_type)

    def write(self, decision: Decision, job_type: JobType) -> None:
        if decision.postponed_to:
            self.jobs[job_type] = decision.postponed_to
        if decision.follow_up:
            type_, scheduled_at = decision.follow_up.type, decision.follow_up.scheduled_at
            pending = self.jobs.get(type_, scheduled_at)
            self.jobs[type_] = max(pending, scheduled_at) if decision.follow_up.delays else pending
            self.is_brought_forward &= not decision.follow_up.delays
            self.reminded_at = self.now
        self.reminders.update(recipients(decision, MessageType.REMINDER))
        self.summaries += sum(text.type in (MessageType.PAUSE_SUMMARY, MessageType.GOAL_MET) for text in decision.texts)
        if decision.new_status:
            self.pauses += decision.new_status is PAUSED
            self.turn(decision.new_status)

    def turn(self, status: SyncStatus) -> None:
        """A new state, and what the triggers do to the pending jobs."""
        self.sync = replace(self.sync, status=status)
        kept = {RUNNING: set(JobType), PAUSED: {AUTO_END}}.get(status, set())
        self.jobs = {job_type: at for job_type, at in self.jobs.items() if job_type in kept}

    @precondition(lambda self: self.answers and not self.sync.status.is_final)
    @rule(place=st.integers(0, 3), answer=st.sets(st.integers(1, 3)).map(sorted))
    def answer(self, place: int, answer: list[int]) -> None:
        self.answers[place % len(self.answers)] = answer
        self.sync = answered(self.sync, *self.answers)
        if self.sync.status is RUNNING and goal_is_met(self.sync, self.now):
            self.jobs[PAUSE_CHECK] = min(self.now, self.jobs.get(PAUSE_CHECK, self.now))
            self.is_brought_forward = True

    @precondition(lambda self: not self.sync.status.is_final)
    @rule(days=st.integers(1, 3))
    def move_the_last_option_without_moving_the_job(self, days: int) -> None:
        *first, last = self.sync.options
        later = timedelta(days=days)
        moved = replace(last, start=last.start + later, end=(last.end or last.start) + later)
        self.sync = replace(self.sync, options=(*first, moved))

    @precondition(lambda self: self.sync.status is PAUSED)
    @rule()
    def remind_again(self) -> None:
        self.turn(RUNNING)
        self.rounds += 1
        self.jobs[REMINDER] = self.now

    @precondition(lambda self: not self.sync.status.is_final)
    @rule(status=st.sampled_from([COMPLETED, STOPPED]))
    def end(self, status: SyncStatus) -> None:
        self.turn(status)

    @precondition(lambda self: self.sync.status.is_final)
    @rule(job_type=st.sampled_from(JobType))
    def run_a_stray_job(self, job_type: JobType) -> None:
        decision = decided(job_type, self.sync, now=self.now, timings=self.timings)
        assert decision.outcome is Outcome.SKIPPED, "an ended sync is never changed"
        assert_sound(decision, self.sync, self.now)

    @invariant()
    def nobody_is_reminded_more_often_than_once_a_round(self) -> None:
        assert max(self.reminders.values(), default=0) <= self.rounds

    @invariant()
    def every_pause_is_reported_once(self) -> None:
        assert self.summaries == self.pauses

    @invariant()
    def a_sync_that_has_not_ended_is_never_forgotten(self) -> None:
        if self.sync.status is RUNNING:
            assert {REMINDER, PAUSE_CHECK, AUTO_END} & set(self.jobs), "a running sync has a next job"
        if not self.sync.status.is_final:
            assert AUTO_END in self.jobs, "it ends by itself at the latest"

    @invariant()
    def whoever_has_not_answered_is_who_is_waited_for(self) -> None:
        assert len(to_remind(self.sync)) == self.answers.count(None)


TestLifeOfASync = LifeOfASync.TestCase
TestLifeOfASync.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


@settings(max_examples=400)
@given(job_type=st.sampled_from(JobType), sync=any_sync, options=any_options(), timings=all_timings)
def test_what_a_job_does_not_turn_on_makes_no_difference_to_its_decision(
    job_type: JobType, sync: Sync, options: tuple[Option, ...], timings: Timings
) -> None:
    sync = replace(sync, options=options)
    bare = replace(
        sync,
        options=sync.options if turns_on_options(job_type, sync.status) else (),
        invitees=sync.invitees if turns_on_invitees(job_type, sync.status) else (),
    )
    assert decided(job_type, bare, timings=timings) == decided(job_type, sync, timings=timings)


@pytest.mark.parametrize("job_type", [*JobType, "a word of another client"])
def test_words_of_other_clients_leave_nothing_out(job_type: str) -> None:
    assert turns_on_options(job_type, "another word")
    assert turns_on_invitees(job_type, "another word") is (job_type != JobType.AUTO_END)
