"""The sentences that an operator gets for every state of a job and of a text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync import departures, explanations
from autosync.explanations import JobFacts, JobStatus, MessageFacts, MessageStatus, TextCount, presentable, relative
from autosync.model import JobType, MessageType, SyncStatus

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
JOB_ID, SYNC_ID, TEXT_ID = UUID(int=1), UUID(int=2), UUID(int=3)


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


def ahead(**length: float) -> datetime:
    return NOW + timedelta(**length)


JOB = JobFacts(
    id=JOB_ID,
    type=JobType.REMINDER,
    status=JobStatus.PENDING,
    scheduled_at=ahead(hours=5),
    processed_at=None,
    reason=None,
    sync_id=SYNC_ID,
    event_name="Board games",
    sync_status=SyncStatus.RUNNING,
    attempts=0,
    failed_at=None,
    error=None,
    due_before=0,
    last_done_at=ago(hours=3),
    now=NOW,
)
TEXT = MessageFacts(
    id=TEXT_ID,
    type=MessageType.INITIAL,
    status=MessageStatus.QUEUED,
    reason=None,
    recipient="Ann",
    ending="0101",
    sync_id=SYNC_ID,
    event_name="Board games",
    sync_status=SyncStatus.RUNNING,
    send_after=None,
    attempt=0,
    claimed_at=None,
    gateway=None,
    gateway_message_id=None,
    error_code=None,
    sent_at=None,
    now=NOW,
)
TRIED = replace(TEXT, attempt=2, claimed_at=ago(minutes=4), gateway="twilio", gateway_message_id="SM7")


def job(**changes: object) -> str:
    return " ".join(explanations.of_job(replace(JOB, **changes)))


def text(facts: MessageFacts = TEXT, **changes: object) -> str:
    return " ".join(explanations.of_message(replace(facts, **changes)))


def test_a_job_is_named_by_its_type_and_its_sync() -> None:
    assert explanations.of_job(JOB)[0] == (
        f'The reminder_24h job of "Board games", a sync that is running ({SYNC_ID}).'
    )


def test_a_job_that_is_not_due_says_when_it_is() -> None:
    assert explanations.of_job(JOB)[1:] == [
        "It is not due yet: it is scheduled for 2026-11-02 17:00:00 UTC (in 5 hours)."
    ]


def test_a_due_job_that_nobody_has_done_asks_for_a_worker() -> None:
    due = job(scheduled_at=ago(hours=2), due_before=4)
    assert "has been due since 2026-11-02 10:00:00 UTC (2 hours ago), and nobody has done it yet." in due
    assert "Ahead of it in the queue: 4 due jobs." in due
    assert "The last job of any sync was done 2026-11-02 09:00:00 UTC (3 hours ago). Is a worker running" in due


def test_a_due_job_in_a_queue_where_nothing_was_done_says_so() -> None:
    assert "No job at all has been done of late. Is a worker running" in job(scheduled_at=NOW, last_done_at=None)


def test_a_due_job_next_to_a_busy_worker_does_not_blame_the_worker() -> None:
    due = job(scheduled_at=ago(seconds=3), last_done_at=ago(seconds=2))
    assert "Somebody is at work" in due
    assert "cannot be told from here" in due
    assert "Is a worker running" not in due


def test_a_job_that_raised_tells_attempt_error_and_next_attempt() -> None:
    retried = job(
        attempts=2, failed_at=ago(minutes=1), error="ValueError: no zone", reason="ValueError: no zone",
        scheduled_at=ahead(minutes=7),
    )  # fmt: skip
    assert "Attempt 2 of 5 raised 2026-11-02 11:59:00 UTC (1 minute ago): ValueError: no zone." in retried
    assert "Attempt 3 is not due yet: it is scheduled for 2026-11-02 12:07:00 UTC (in 7 minutes)." in retried
    assert retried.count("no zone") == 1


def test_a_pending_job_of_a_paused_sync_will_be_skipped_unless_it_is_an_end_check() -> None:
    assert "it will be skipped: the sync is paused." in job(sync_status=SyncStatus.PAUSED)
    assert "skipped" not in job(sync_status=SyncStatus.PAUSED, type=JobType.AUTO_END)


def test_a_job_that_was_put_back_says_so() -> None:
    assert "it was put back." in job(reason="Another client left it in processing; it was put back.")


def test_a_failed_job_tells_its_last_error_and_the_command_that_runs_it() -> None:
    failed = job(status=JobStatus.FAILED, attempts=5, failed_at=ago(days=3), error="KeyError: 'x'")
    assert "Attempt 5 of 5 raised 2026-10-30 12:00:00 UTC (3 days ago)" in failed
    assert "KeyError: 'x'." in failed
    assert f"`autosync jobs run {JOB_ID}`" in failed


def test_a_job_that_failed_once_more_after_an_operator_counts_that_attempt_too() -> None:
    assert "Attempt 6 of 6 raised" in job(status=JobStatus.FAILED, attempts=6, failed_at=NOW, error="x")


def test_a_failed_job_of_an_ended_sync_is_only_to_be_put_away() -> None:
    failed = job(status=JobStatus.FAILED, attempts=5, failed_at=NOW, error="x", sync_status=SyncStatus.STOPPED)
    assert f"`autosync jobs cancel {JOB_ID}`" in failed
    assert "jobs run" not in failed


def test_a_skipped_job_says_why() -> None:
    skipped = job(status=JobStatus.SKIPPED, processed_at=ago(hours=1), reason="The sync was paused.")
    assert "It was skipped 2026-11-02 11:00:00 UTC (1 hour ago): The sync was paused." in skipped
    by_us = job(status=JobStatus.SKIPPED, processed_at=ago(hours=1), reason="All have answered.", done_by="oak:7")
    assert "It was skipped 2026-11-02 11:00:00 UTC (1 hour ago) by oak:7: All have answered." in by_us


def test_a_processed_job_tells_how_late_it_was_and_what_came_of_it() -> None:
    done = job(
        status=JobStatus.PROCESSED, scheduled_at=ago(hours=2), processed_at=ago(hours=1, minutes=55), attempts=1,
        taken_by="oak:7", done_by="elm:8",
        texts=(TextCount("reminder", MessageStatus.SENT, 2), TextCount("reminder_update", MessageStatus.QUEUED, 1)),
    )  # fmt: skip
    assert "It was processed 2026-11-02 10:05:00 UTC (1 hour ago) by elm:8, 5 minutes after it was due." in done
    assert "1 attempt had raised" in done
    assert "It brought about 2 reminder texts sent and 1 reminder_update text queued." in done


def test_a_processed_job_without_texts_says_why() -> None:
    done = job(status=JobStatus.PROCESSED, scheduled_at=NOW, processed_at=NOW, reason="Nobody was left to remind.")
    assert "(just now), on time. Nobody was left to remind." in done
    assert "No text that is known here came of it." in done


def test_a_job_in_processing_is_in_another_clients_hands() -> None:
    assert "Another client of the database has taken it" in job(status=JobStatus.PROCESSING, scheduled_at=ago(hours=1))


def test_a_job_without_a_status_is_nobodys() -> None:
    assert "left its status empty" in job(status=None)


def test_a_text_is_named_by_type_sync_and_recipient() -> None:
    assert explanations.of_message(TEXT)[0] == (
        f'The initial text of "Board games", a sync that is running ({SYNC_ID}), to Ann, whose number ends in 0101.'
    )


def test_a_held_text_says_until_when_and_why() -> None:
    held = text(send_after=ahead(hours=9), reason="It is 22:10 in America/New_York.")
    assert "leaves no earlier than 2026-11-02 21:00:00 UTC (in 9 hours): It is 22:10 in America/New_York." in held


def test_a_queued_text_whose_time_has_come_asks_for_a_worker() -> None:
    due = text(send_after=ago(minutes=10))
    assert "its time came 2026-11-02 11:50:00 UTC (10 minutes ago), but nobody has sent it yet." in due
    assert "Is a worker running" in due


def test_a_text_that_is_tried_again_counts_its_attempts() -> None:
    again = text(TRIED, send_after=ahead(seconds=30), reason="Too many requests")
    assert (
        f"Attempt 2 of {departures.MAX_ATTEMPTS} was made 2026-11-02 11:56:00 UTC (4 minutes ago), without success."
        in again
    )
    assert "(in 30 seconds): Too many requests." in again


def test_a_text_on_its_way_says_since_when() -> None:
    sending = text(TRIED, status=MessageStatus.SENDING, claimed_at=ago(seconds=4))
    assert "on its way to the gateway twilio since 2026-11-02 11:59:56 UTC (4 seconds ago)." in sending


def test_a_sent_text_names_the_gateways_id() -> None:
    sent = text(TRIED, status=MessageStatus.SENT, sent_at=ago(hours=1))
    assert "It was sent 2026-11-02 11:00:00 UTC (1 hour ago) through the gateway twilio as SM7." in sent
    assert "has not said that it has arrived" in sent


def test_a_text_sent_through_the_built_in_gateway_reaches_no_phone() -> None:
    assert "nothing reaches a phone" in text(TRIED, status=MessageStatus.SENT, sent_at=NOW, gateway="record")


def test_a_text_of_another_client_is_not_claimed_as_ours() -> None:
    assert "Another client of the database sent it itself 2026-11-02 10:00:00 UTC (2 hours ago)" in text(
        status=MessageStatus.SENT, sent_at=ago(hours=2)
    )


def test_a_delivered_text_has_arrived() -> None:
    assert "It has arrived" in text(TRIED, status=MessageStatus.DELIVERED, sent_at=ago(hours=1))


def test_a_failed_text_tells_code_and_reason() -> None:
    failed = text(TRIED, status=MessageStatus.FAILED, error_code="30005", reason="Unknown destination handset")
    assert "It has failed for good with code 30005: Unknown destination handset." in failed
    assert "2 attempts made, last 2026-11-02 11:56:00 UTC (4 minutes ago) through the gateway twilio" in failed
    assert "No gateway was ever given it." in text(status=MessageStatus.FAILED, reason="No number.")


@pytest.mark.parametrize(
    ("send_after", "sentence"),
    [
        (ahead(minutes=8), "looked up at the gateway again 2026-11-02 12:08:00 UTC (in 8 minutes)."),
        (NOW, "It is due to be looked up at the gateway now."),
        (None, "It is not looked up by itself any more."),
    ],
)
def test_an_unknown_text_says_when_it_is_looked_up_and_how_to_settle_it(
    send_after: datetime | None, sentence: str
) -> None:
    unknown = text(TRIED, status=MessageStatus.UNKNOWN, reason="No answer in time.", send_after=send_after)
    assert "Nobody knows whether it left: No answer in time." in unknown
    assert sentence in unknown
    assert f"`autosync messages resolve {TEXT_ID} --sent`" in unknown


def test_a_canceled_text_says_why() -> None:
    assert "canceled before it left: The number has opted out." in text(
        status=MessageStatus.CANCELED, reason="The number has opted out."
    )


@pytest.mark.parametrize("status", [*JobStatus, None])
@pytest.mark.parametrize("type_", list(JobType))
def test_every_job_has_an_explanation_of_whole_sentences(type_: JobType, status: JobStatus | None) -> None:
    sentences = explanations.of_job(replace(JOB, type=type_, status=status))
    assert len(sentences) > 1
    assert all(sentence.endswith((".", "?")) and "None" not in sentence for sentence in sentences)


@pytest.mark.parametrize("status", list(MessageStatus))
def test_every_text_has_an_explanation_of_whole_sentences(status: MessageStatus) -> None:
    for facts in (TEXT, TRIED):
        sentences = explanations.of_message(replace(facts, status=status))
        assert len(sentences) > 1
        assert all(sentence.endswith((".", "?")) for sentence in sentences)


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-1), "1 second ago"),
        (timedelta(seconds=59), "in 59 seconds"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "in 59 minutes"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=47), "in 47 hours"),
        (timedelta(hours=-48), "2 days ago"),
    ],
)
def test_relative_times_use_the_largest_unit_that_fits(away: timedelta, words: str) -> None:
    assert relative(NOW + away, NOW) == words


@given(away=st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)))
def test_past_and_future_read_alike(away: timedelta) -> None:
    past, future = relative(NOW - abs(away), NOW), relative(NOW + abs(away), NOW)
    assert past == future == "just now" or past.removesuffix(" ago") == future.removeprefix("in ")


def test_other_programs_words_lose_their_numbers_and_control_characters() -> None:
    assert presentable("The 'To' number\n+12125550101 is\x1b[31m bad") == "The 'To' number ...0101 is[31m bad"
    assert presentable(None) is None


@given(number=st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), around=st.text(alphabet="ab .:'(", max_size=5))
def test_no_number_survives_in_full(number: str, around: str) -> None:
    shown = presentable(f"{around}{number}{around}")
    assert shown is not None
    assert number[1:] not in shown


def test_an_event_name_cannot_steer_a_terminal() -> None:
    assert "\x1b" not in job(event_name="\x1b[2Jgames")


# When, by what, by whom


@pytest.mark.parametrize("type_", list(JobType))
def test_a_job_says_when_it_was_written_and_by_what(type_: JobType) -> None:
    written = explanations.of_job(replace(JOB, type=type_, created_at=ago(hours=3)))[1]
    assert written.startswith("It was written 2026-11-02 09:00:00 UTC (3 hours ago), because ")


@pytest.mark.parametrize("type_", list(MessageType))
def test_a_text_of_ours_says_when_it_was_written_and_by_what(type_: MessageType) -> None:
    written = text(type=type_, created_at=ago(hours=3), is_ours=True, send_after=NOW)
    assert "It was written 2026-11-02 09:00:00 UTC (3 hours ago), because " in written


def test_a_text_names_the_job_that_it_came_of_while_that_is_known() -> None:
    of_a_job = text(
        type="reminder", created_at=ago(hours=3), is_ours=True, cause_job_id=JOB_ID, cause_job_type="reminder_24h"
    )
    assert f"because a reminder was due (job reminder_24h, {JOB_ID})." in of_a_job


def test_of_what_another_client_wrote_only_the_moment_is_told() -> None:
    foreign = text(status=MessageStatus.SENT, created_at=ago(hours=3), sent_at=ago(hours=3))
    assert "It was written 2026-11-02 09:00:00 UTC (3 hours ago). Another client" in foreign


@pytest.mark.parametrize("status", [JobStatus.PENDING, JobStatus.FAILED])
def test_a_job_says_in_whose_hands_it_raised(status: JobStatus) -> None:
    assert " by desk:42" in job(status=status, taken_by="desk:42", processed_at=NOW, attempts=1, failed_at=NOW)
    assert " by None" not in job(status=status, processed_at=NOW, attempts=1, failed_at=NOW)


@pytest.mark.parametrize(
    "status",
    [
        MessageStatus.QUEUED,
        MessageStatus.SENDING,
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
        MessageStatus.UNKNOWN,
    ],
)
def test_a_text_says_who_had_it_in_hand(status: MessageStatus) -> None:
    moments = {"attempt": 1, "claimed_at": NOW, "sent_at": NOW, "send_after": NOW}
    assert " by desk:42" in text(status=status, taken_by="desk:42", gateway="twilio", **moments)
