"""Every sentence as people read it, and what no name, place or clock may do to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosync import texts
from autosync.database import questions
from autosync.model import Invitee, ResponseGoal, Sync, SyncStatus
from autosync.replies import Kind, read_reply
from samples import FIRST_EVENING, NOW, Answer, answered, between, evening, make_sync, uuid

Text = Callable[[Sync], str]

ASKS: dict[str, Text] = {
    "initial": texts.initial,
    "reminder": texts.reminder,
    "clarification": texts.clarification,
}
TO_INVITEES: dict[str, Text] = {
    **ASKS,
    "invite": lambda sync: texts.invite(sync, sync.options[-1]),
    "late_answer": texts.late_answer,
}
TO_THE_ORGANIZER: dict[str, Text] = {
    "started": lambda sync: texts.started(sync, remind_at=NOW + timedelta(hours=24)),
    "reminder_update": lambda sync: texts.reminder_update(sync, reminded=len(sync.invitees) // 2),
    "pause_summary": texts.pause_summary,
    "goal_met": texts.goal_met,
    "choose_option": texts.choose_option,
    "confirm_stop": texts.confirm_stop,
    "status": lambda sync: texts.status([sync]),
    "still_paused": texts.still_paused,
    "help": texts.organizer_help,
    "help_without_choices": lambda _: texts.organizer_help(None),
}
ALL = {**TO_INVITEES, **TO_THE_ORGANIZER}

every_ask = pytest.mark.parametrize("text", ASKS.values(), ids=ASKS.keys())
every_text_to_invitees = pytest.mark.parametrize("text", TO_INVITEES.values(), ids=TO_INVITEES.keys())
every_text_to_the_organizer = pytest.mark.parametrize("text", TO_THE_ORGANIZER.values(), ids=TO_THE_ORGANIZER.keys())
every_text = pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())
one_to_three_options = pytest.mark.parametrize("options", [1, 2, 3])

ordinary_names = st.text("abcmwxyzABMWZ '&,.-0129", min_size=1, max_size=60)

ZONE_LETTERS = re.compile(r"\b(UTC|GMT|[A-Z]{1,3}[SD]T)\b")


# GSM-7, counted apart from the code: 3GPP TS 23.038, 6.2.1

GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_7_EXTENSION = set("\f^{}\\[~]|€")


def septets(text: str) -> int:
    foreign = set(text) - GSM_7 - GSM_7_EXTENSION
    assert not foreign, f"not GSM-7: {foreign}"
    return sum(2 if character in GSM_7_EXTENSION else 1 for character in text)


def fits_two_segments(text: str) -> bool:
    return septets(text) <= 2 * 153


# The wording


def test_golden_texts_to_invitees() -> None:
    sync = make_sync(None, [1])
    assert texts.initial(sync) == (
        "Maya Lopez is planning Board games at Joe's Cafe. Which times work?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "2) Sat Dec 19, 6-8 PM EST\n"
        "3) Sun Dec 20, 6-8 PM EST\n"
        "Reply with all that work (like 1,3) or NONE. Reply STOP to opt out."
    )
    assert texts.reminder(sync) == (
        "Maya Lopez would love to hear from you about Board games at Joe's Cafe. Which times work?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "2) Sat Dec 19, 6-8 PM EST\n"
        "3) Sun Dec 20, 6-8 PM EST\n"
        "Reply with all that work (like 1,3) or NONE."
    )
    assert texts.clarification(sync) == (
        "Sorry, we didn't catch that. Which times work for Board games with Maya Lopez?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "2) Sat Dec 19, 6-8 PM EST\n"
        "3) Sun Dec 20, 6-8 PM EST\n"
        "Reply with all that work (like 1,3) or NONE."
    )
    assert texts.invite(sync, sync.options[1]) == (
        "Maya Lopez picked a time for Board games at Joe's Cafe: Sat Dec 19, 6-8 PM EST. Hope to see you there!"
    )
    assert texts.late_answer(sync) == (
        "Thanks for your answer! Maya Lopez is no longer collecting times for Board games."
    )


def test_golden_texts_with_two_options_and_with_one() -> None:
    assert texts.initial(make_sync(None, options=2)) == (
        "Maya Lopez is planning Board games at Joe's Cafe. Which times work?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "2) Sat Dec 19, 6-8 PM EST\n"
        "Reply with all that work (like 1 or 1,2) or NONE. Reply STOP to opt out."
    )
    assert texts.initial(make_sync(None, options=1)) == (
        "Maya Lopez is planning Board games at Joe's Cafe. Does this time work?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "Reply 1 for yes, NONE for no. Reply STOP to opt out."
    )
    assert texts.reminder(make_sync(None, options=1)) == (
        "Maya Lopez would love to hear from you about Board games at Joe's Cafe. Does this time work?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "Reply 1 for yes, NONE for no."
    )
    assert texts.clarification(make_sync(None, options=1)) == (
        "Sorry, we didn't catch that. Does this time work for Board games with Maya Lopez?\n"
        "1) Fri Dec 18, 6-8 PM EST\n"
        "Reply 1 for yes, NONE for no."
    )


def test_golden_texts_to_the_organizer() -> None:
    sync = make_sync(None, [1], [1, 3], [], None)
    assert texts.started(sync, remind_at=NOW + timedelta(hours=24)) == (
        "Board games: 5 people asked. Anyone who hasn't answered gets one reminder on Wed Dec 2, noon. "
        "After that you get a summary."
    )
    assert texts.reminder_update(sync, reminded=2) == "Board games: reminded 2 of 5. Answered so far: 3."
    assert texts.pause_summary(sync) == (
        "Board games: 3 of 5 answered.\n"
        "Option 1, Fri Dec 18, 6-8 PM: 2 can\n"
        "Option 2, Sat Dec 19, 6-8 PM: 0 can\n"
        "Option 3, Sun Dec 20, 6-8 PM: 1 can\n"
        "Waiting for Ann Lee and Eli.\n"
        "Reply 1 to remind, 2 to send invites, 3 to stop."
    )


def test_golden_texts_of_the_conversation_with_the_organizer() -> None:
    sync = make_sync(None, [1], [1, 3], [], None, status=SyncStatus.PAUSED)
    assert texts.choose_option(sync) == (
        "Board games: which option? Reply with its number, or 0 to go back.\n"
        "Option 1, Fri Dec 18, 6-8 PM: 2 can\n"
        "Option 2, Sat Dec 19, 6-8 PM: 0 can\n"
        "Option 3, Sun Dec 20, 6-8 PM: 1 can"
    )
    assert texts.confirm_stop(sync) == (
        "Board games: call it off without invites? Reply 3 again to call it off, or anything else to keep it."
    )
    assert texts.still_paused(sync) == (
        "Board games: paused, 3 of 5 answered.\nReply 1 to remind, 2 to send invites, 3 to stop."
    )
    assert texts.organizer_help(sync) == (
        "Board games: reply 1 to remind, 2 to send invites, 3 to stop. Reply STATUS to see how your plans stand."
    )
    assert texts.organizer_help(None) == (
        "Reply STATUS to see how your plans stand. When one pauses, you get a text with your choices."
    )


def test_golden_texts_about_how_things_stand() -> None:
    games = make_sync(None, [1], [1, 3], [], None, status=SyncStatus.PAUSED)
    dinner = make_sync([1], None, event_name="Dinner")
    assert texts.status([]) == "You have no open plans right now."
    assert texts.status([games, dinner]) == "Board games: paused, 3 of 5 answered.\nDinner: running, 1 of 2 answered."
    assert texts.status([replace(dinner, status=SyncStatus.COMPLETED)]) == "Dinner: invites sent, 1 of 2 answered."
    assert texts.status([replace(dinner, status=SyncStatus.STOPPED)]) == "Dinner: ended, 1 of 2 answered."


@given(syncs=st.lists(st.builds(lambda name: make_sync(None, event_name=name), ordinary_names), max_size=30))
def test_a_list_of_syncs_fits_two_segments_and_counts_those_it_leaves_out(syncs: list[Sync]) -> None:
    body = texts.status(syncs)
    assert fits_two_segments(body)
    *lines, last = body.splitlines()
    left_out = re.fullmatch(r"And (\d+) more\.", last)
    assert len(lines) + (int(left_out[1]) if left_out else bool(syncs)) == len(syncs)


def test_no_word_that_the_organizer_is_told_to_reply_is_one_that_carriers_listen_to() -> None:
    for text in TO_THE_ORGANIZER.values():
        for word in re.findall(r"(?i)reply (\w+)", text(make_sync([1], None))):
            assert read_reply(word, option_count=3).kind not in {Kind.STOP, Kind.START, Kind.HELP}, word


def test_golden_texts_about_the_goal() -> None:
    everyone = make_sync([1], [], options=1)
    assert texts.goal_met(everyone) == (
        "Board games: everyone has answered, 2 of 2!\n"
        "Option 1, Fri Dec 18, 6-8 PM: 1 can\n"
        "Reply 1 to remind, 2 to send invites, 3 to stop."
    )
    critical_mass = make_sync([1], [1], None, options=1, response_goal=ResponseGoal.CRITICAL_MASS)
    assert texts.goal_met(critical_mass) == (
        "Board games: one time works for most! 2 of 3 answered.\n"
        "Option 1, Fri Dec 18, 6-8 PM: 2 can\n"
        "Waiting for Chloe.\n"
        "Reply 1 to remind, 2 to send invites, 3 to stop."
    )


# What each text must say, and must not


@one_to_three_options
@every_text_to_invitees
def test_a_text_to_an_invitee_names_the_organizer_and_the_event(text: Text, options: int) -> None:
    body = text(make_sync(None, [1], options=options))
    assert "Maya Lopez" in body
    assert "Board games" in body


@one_to_three_options
@every_text
def test_no_text_tells_how_the_machinery_is_called(text: Text, options: int) -> None:
    assert not re.search(r"auto[\W_]*sync|job|queue", text(make_sync(None, [1], options=options)), re.IGNORECASE)


@one_to_three_options
@every_ask
def test_an_ask_numbers_the_options_with_weekday_date_time_and_zone(text: Text, options: int) -> None:
    lines = text(make_sync(None, options=options)).splitlines()[1:-1]
    days = ["Fri Dec 18", "Sat Dec 19", "Sun Dec 20"][:options]
    assert lines == [f"{number}) {day}, 6-8 PM EST" for number, day in enumerate(days, start=1)]


@one_to_three_options
@every_ask
def test_every_example_of_an_answer_is_understood_as_it_is_meant(text: Text, options: int) -> None:
    how = text(make_sync(None, options=options)).splitlines()[-1]
    examples = re.findall(r"(?<!\w)\d(?:,\d)*", how)

    assert examples
    for example in examples:
        numbers = tuple(int(number) for number in example.split(","))
        assert read_reply(example, option_count=options).options == numbers
    assert "NONE" in how
    assert read_reply("NONE", option_count=options).kind is Kind.NONE


@every_ask
def test_an_ask_keeps_the_numbers_of_options_that_are_left(text: Text) -> None:
    body = text(replace(make_sync(None), options=(evening(1), evening(3))))
    assert [line[:2] for line in body.splitlines()[1:-1]] == ["1)", "3)"]
    assert "(like 1 or 1,3)" in body


@pytest.mark.parametrize("text", [texts.initial, texts.clarification])
def test_an_ask_without_options_is_refused_in_one_sentence(text: Text) -> None:
    with pytest.raises(ValueError, match=r"^A text that asks needs at least one option, but the sync has none\.$"):
        text(make_sync(None, options=0))


def test_a_reminder_without_options_only_asks_to_get_in_touch() -> None:
    assert texts.reminder(make_sync(None, options=0)) == (
        "Maya Lopez would love to hear from you about Board games at Joe's Cafe."
    )


@one_to_three_options
def test_the_first_text_tells_how_to_opt_out_and_the_word_does_it(options: int) -> None:
    assert texts.initial(make_sync(None, options=options)).endswith("Reply STOP to opt out.")
    assert read_reply("STOP", option_count=options).kind is Kind.STOP


@every_ask
@pytest.mark.parametrize("option_count", [1, 3])
def test_an_ask_that_is_sent_back_as_a_quote_casts_no_vote(text: Text, option_count: int) -> None:
    body = text(make_sync(None, options=option_count))
    assert read_reply(f'Liked "{body}"', option_count=option_count).kind is Kind.CHATTER


@one_to_three_options
@every_text_to_the_organizer
def test_the_organizer_never_reads_a_time_zone(text: Text, options: int) -> None:
    for zone in ("America/New_York", "Asia/Kathmandu", "UTC"):
        assert not ZONE_LETTERS.search(text(make_sync(None, [1], options=options, timezone=zone)))


@pytest.mark.parametrize("kind", ALL)
def test_only_reports_name_who_was_asked(kind: str) -> None:
    """Only they lose their words with somebody who is deleted; see forget_words_about.sql."""
    sync = make_sync([1], None, None)
    sync = replace(sync, invitees=tuple(invitee._replace(name="Zebulon Quixley") for invitee in sync.invitees))
    assert ("Zebulon" in ALL[kind](sync)) == (kind in questions.REPORTS)


@pytest.mark.parametrize("text", [texts.pause_summary, texts.goal_met])
def test_a_report_ends_with_the_three_choices(text: Text) -> None:
    assert text(make_sync([1])).endswith("\nReply 1 to remind, 2 to send invites, 3 to stop.")


@pytest.mark.parametrize("text", [texts.pause_summary, texts.goal_met])
def test_a_report_of_a_sync_without_options_still_tells_who_answered(text: Text) -> None:
    body = text(make_sync([], None, options=0, response_goal=ResponseGoal.CRITICAL_MASS))
    assert "1 of 2 answered.\nWaiting for Ben.\nReply 1" in body


@pytest.mark.parametrize(("asked", "words"), [(0, "0 people asked"), (1, "1 person asked"), (2, "2 people asked")])
def test_one_person_is_not_people(asked: int, words: str) -> None:
    assert words in texts.started(make_sync(*[None] * asked), remind_at=NOW)


# Counts and names in the summary


@given(answers=st.lists(st.none() | st.sets(st.integers(1, 3)).map(sorted), max_size=10))
def test_the_summary_counts_right(answers: list[Answer]) -> None:
    body = texts.pause_summary(make_sync(*answers))
    can = dict.fromkeys((1, 2, 3), 0)
    for answer in answers:
        for number in answer or ():
            can[number] += 1

    assert body.startswith(f"Board games: {sum(a is not None for a in answers)} of {len(answers)} answered.\n")
    assert {int(n): int(c) for n, c in re.findall(r"^Option (\d), .*: (\d+) can$", body, re.MULTILINE)} == can
    assert ("Waiting for" in body) is (None in answers)


def test_votes_for_an_option_that_is_gone_are_not_counted() -> None:
    sync = replace(make_sync([1, 2], [1]), options=(evening(2),))
    assert texts.counts(sync) == {uuid(2): 1}


def missing(*names: str) -> str:
    sync = replace(make_sync(), invitees=tuple(Invitee(uuid(n), name) for n, name in enumerate(names)))
    return next(line for line in texts.pause_summary(sync).splitlines() if line.startswith("Waiting for "))


def test_who_is_missing_is_listed_by_name() -> None:
    assert missing("Ann") == "Waiting for Ann."
    assert missing("Ann", "Ben") == "Waiting for Ann and Ben."
    assert missing("Ann", "Ben", "Chloe") == "Waiting for Ann, Ben and Chloe."
    assert missing("Ann", " \u200b") == "Waiting for Ann and somebody without a name."


def test_a_long_list_of_the_missing_is_shortened_and_still_counts_all() -> None:
    line = missing(*(f"Person Number{n}" for n in range(10, 30)))
    assert line == "Waiting for Person Number10, Person Number11, Person Number12 and 17 more."


@given(names=st.lists(st.text("abc ", min_size=1, max_size=90), min_size=1, max_size=40))
def test_everybody_missing_is_named_or_counted(names: list[str]) -> None:
    line = missing(*names)
    parts = line.removeprefix("Waiting for ").removesuffix(".").replace(" and ", ", ").split(", ")
    more = re.fullmatch(r"(\d+) more", parts[-1])
    assert (len(parts) - 1 + int(more[1]) if more else len(parts)) == len(names)
    assert len(line) <= len("Waiting for  and 39 more.") + texts.LONGEST_NAME


# Plain characters


@every_text
def test_every_text_is_plain_ascii_when_the_names_are(text: Text) -> None:
    for options in (1, 2, 3):
        assert text(make_sync(None, [1], options=options)).isascii()


@given(name=st.text(st.characters(codec="ascii"), min_size=1, max_size=80), text=st.sampled_from(list(ALL.values())))
def test_ascii_names_never_force_a_text_out_of_gsm_7(name: str, text: Text) -> None:
    sync = make_sync(None, [1], organizer_name=name, event_name=name, event_location=name)
    assert septets(text(replace(sync, invitees=(Invitee(uuid(7), name),)))) > 0


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Joe’s Café", "Joe's Café"),
        ("“Big” night", '"Big" night'),
        ("Mon – Tue — Wed", "Mon - Tue - Wed"),
        ("Dinner…", "Dinner..."),
        ("Rock`n´roll", "Rock'n'roll"),
        ("5′ walk, non‑stop", "5' walk, non-stop"),
        ("a\u00a0b\u202fc\u2009d", "a b c d"),
        ("Jose\u0301 and Rene\u0301", "José and René"),
        ("Mu\u0308ller", "Müller"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("Jose\u200b\u0301", "José"),
    ],
)
def test_typography_in_names_is_folded(written: str, shown: str) -> None:
    assert texts.clean(written) == shown


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Asia/Kolkata"])
@pytest.mark.parametrize("text", [text for name, text in ALL.items() if name != "goal_met"])
def test_three_options_with_ordinary_names_fit_two_segments(text: Text, zone: str) -> None:
    """Every name 25 characters long, every date and time as long as they get."""
    start = datetime(2026, 9, 30, 10, 30, tzinfo=ZoneInfo(zone))
    options = tuple(
        between(start + timedelta(weeks=n), start + timedelta(weeks=n, hours=2), number=n) for n in (1, 2, 3)
    )
    asked = make_sync(*[None] * 7, [1, 2, 3], organizer_name="Organizer With Long Name!")
    sync = replace(
        asked,
        options=options,
        timezone=zone,
        event_name="A Dinner Among Old Friend",
        event_location="The Old House By The Lake",
    )
    assert len(sync.organizer_name) == len(sync.event_name) == len(sync.event_location or "") == 25
    assert "10:30 AM-12:30 PM" in texts.initial(sync)
    assert fits_two_segments(text(sync)), septets(text(sync))


def ordinary(most: int) -> st.SearchStrategy[str]:
    """Names of people, events and places as they are written, up to so many characters."""
    return st.text("abcmwxyzABMWZ éäöüñ'&,.-0129", min_size=1, max_size=most)


@st.composite
def same_day(draw: st.DrawFn) -> tuple[timedelta, timedelta | None]:
    """Begins at a quarter of an hour, and is over within eight hours, which may be after midnight."""
    begins = timedelta(minutes=15 * draw(st.integers(0, 95)))
    return begins, draw(st.none() | st.integers(1, 32).map(lambda quarters: timedelta(minutes=15 * quarters)))


@st.composite
def some_days(draw: st.DrawFn) -> tuple[timedelta, timedelta | None]:
    """From a full hour on one day to a full hour up to four days later."""
    return timedelta(hours=draw(st.integers(0, 23))), timedelta(hours=draw(st.integers(13, 96)))


ORDINARY_ZONES = (
    *("UTC", "America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Santiago", "Pacific/Honolulu"),
    *("Europe/London", "Europe/Berlin", "Europe/Istanbul", "Africa/Lagos", "Asia/Dubai", "Asia/Kolkata"),
    *("Asia/Kathmandu", "Asia/Tokyo", "Australia/Sydney", "Australia/Adelaide", "Pacific/Auckland"),
)


@st.composite
def ordinary_syncs(draw: st.DrawFn, times: st.SearchStrategy[tuple[timedelta, timedelta | None]], most: int) -> Sync:
    """One to three options in as many weeks of any part of a year, a crew of up to twelve, some of whom answered."""
    zone = draw(st.sampled_from(ORDINARY_ZONES))
    first_day = datetime(2026, 9, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=draw(st.integers(0, 365)))
    options = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        begins, length = draw(times)
        start = first_day + timedelta(weeks=number) + begins
        end = length and (start.astimezone(UTC) + length)
        options.append(between(start, end, number))
    answers = st.none() | st.sets(st.sampled_from(options).map(lambda option: option.id)).map(frozenset)
    people = draw(st.lists(st.tuples(ordinary(25), answers), min_size=1, max_size=12))
    return replace(
        make_sync(),
        timezone=zone,
        options=tuple(options),
        organizer_name=draw(ordinary(most)),
        event_name=draw(ordinary(most)),
        event_location=draw(st.none() | ordinary(most)),
        response_goal=draw(st.sampled_from(ResponseGoal)),
        invitees=tuple(Invitee(uuid(100 + place), *person) for place, person in enumerate(people)),
    )


@given(sync=ordinary_syncs(same_day(), most=25))
@settings(deadline=None)  # the first use of a zone loads it
def test_every_text_about_an_ordinary_meeting_fits_two_segments(sync: Sync) -> None:
    for text in ALL.values():
        assert fits_two_segments(text(sync)), text(sync)


@given(sync=ordinary_syncs(some_days(), most=16))
@settings(deadline=None)
def test_every_text_about_some_days_away_fits_two_segments(sync: Sync) -> None:
    """Such times show two dates each, which leaves names less room."""
    for text in ALL.values():
        assert fits_two_segments(text(sync)), text(sync)


def test_a_report_names_fewer_of_the_missing_where_there_is_no_room_and_counts_them_at_the_least() -> None:
    start = datetime(2026, 9, 30, 10, 30, tzinfo=ZoneInfo("America/New_York"))
    weeks = [start + timedelta(weeks=n) for n in range(3)]
    options = tuple(between(day, day + timedelta(hours=2), number) for number, day in enumerate(weeks, start=1))

    def last_line(event: str, *names: str) -> str:
        sync = make_sync(event_name=event, response_goal=ResponseGoal.CRITICAL_MASS)
        invitees = tuple(Invitee(uuid(100 + n), name) for n, name in enumerate(names))
        return texts.goal_met(replace(sync, options=options, invitees=invitees)).splitlines()[-2]

    assert last_line("Dinner", "Ann", "Ben", "Chloe") == "Waiting for Ann, Ben and Chloe."
    assert last_line("A Dinner Among Old Friend", "Christopher Montgomery", "Alexandra", "Ed") == (
        "Waiting for Christopher Montgomery and 2 more."
    )
    assert last_line("A Dinner Among Old Friends of Mine", "Christopher Montgomery", "Ed") == "Waiting for 2 people."
    assert last_line("A Dinner Among Old Friends of Mine", "Zoë Montgomery-Howard", "Ed") == (
        "Waiting for Zoë Montgomery-Howard and Ed."
    )


# Names that misbehave


@every_text
@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "\u200b\u202e", "\x00\x07"])
def test_a_text_with_empty_names_is_still_a_sentence(text: Text, empty: str) -> None:
    body = text(make_sync(None, [1], organizer_name=empty, event_name=empty, event_location=empty))
    assert "  " not in body
    assert " at " not in body
    assert re.match(r"(A friend|Your get-together|Thanks|Sorry|Reply STATUS)\b", body)


@pytest.mark.parametrize("name", ["x" * 61, "x" * 100_000, "long " * 40])
def test_an_overlong_name_is_cut_and_says_so(name: str) -> None:
    cut = texts.clean(name)
    assert len(cut) <= texts.LONGEST_NAME
    assert cut.endswith("...")
    assert " ..." not in cut
    assert cut.removesuffix("...") in name


def test_a_name_of_just_the_longest_length_is_whole() -> None:
    assert texts.clean("x" * 60) == "x" * 60


def test_a_name_cannot_inject_lines() -> None:
    forged = "Dinner\n1) Free money\r\nReply STOP\u2028to \x85 win\v\f"
    sync = make_sync(None, event_name=forged, organizer_name=forged, event_location=forged)
    for text in ALL.values():
        plain = text(make_sync(None))
        assert len(text(sync).splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize("name", ["Maya 🎲", "👨‍👩‍👧", "ערב משחקים", "أمسية", "桌遊之夜", "Zoë ✨"])
def test_other_scripts_and_emoji_are_kept(name: str) -> None:
    shown = name.replace("\u200d", "")
    assert texts.clean(name) == shown
    assert shown in texts.initial(make_sync(None, event_name=name))


def test_no_character_that_turns_the_direction_of_text_gets_through() -> None:
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    assert texts.clean(f"Din{turning}ner") == "Dinner"


@given(name=st.text(max_size=300) | st.none())
def test_a_clean_name_is_short_printable_and_stays_clean(name: str | None) -> None:
    cleaned = texts.clean(name)
    assert len(cleaned) <= texts.LONGEST_NAME
    assert cleaned.isprintable()
    assert cleaned == " ".join(cleaned.split())
    assert texts.clean(cleaned) == cleaned
    cleaned.encode()


# Times


def local(text: str, zone: str = "America/New_York", *, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def shown(start: datetime, end: datetime | None, zone: str = "America/New_York", *, with_zone: bool = True) -> str:
    return texts.when(between(start, end), zone, with_zone=with_zone)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-12-18T18:00", None, "Fri Dec 18, 6 PM EST"),
        ("2026-12-18T18:00", "2026-12-18T20:00", "Fri Dec 18, 6-8 PM EST"),
        ("2026-12-18T18:05", "2026-12-18T20:30", "Fri Dec 18, 6:05-8:30 PM EST"),
        ("2026-07-04T09:00", "2026-07-04T11:00", "Sat Jul 4, 9-11 AM EDT"),
        # over noon and at noon
        ("2026-12-18T11:00", "2026-12-18T13:00", "Fri Dec 18, 11 AM-1 PM EST"),
        ("2026-12-18T12:00", None, "Fri Dec 18, noon EST"),
        ("2026-12-18T12:00", "2026-12-18T14:00", "Fri Dec 18, 12-2 PM EST"),
        ("2026-12-18T10:00", "2026-12-18T12:00", "Fri Dec 18, 10 AM-noon EST"),
        ("2026-12-18T12:30", None, "Fri Dec 18, 12:30 PM EST"),
        # over midnight and at midnight
        ("2026-12-18T00:00", None, "Fri Dec 18, 12 AM EST"),
        ("2026-12-18T00:30", "2026-12-18T02:00", "Fri Dec 18, 12:30-2 AM EST"),
        ("2026-12-18T20:00", "2026-12-19T00:00", "Fri Dec 18, 8 PM-midnight EST"),
        ("2026-12-18T12:00", "2026-12-19T00:00", "Fri Dec 18, noon-midnight EST"),
        ("2026-12-18T22:00", "2026-12-19T02:00", "Fri Dec 18, 10 PM-2 AM EST"),
        ("2026-12-31T22:00", "2027-01-01T02:00", "Thu Dec 31, 10 PM-2 AM EST"),
        # longer than a night
        ("2026-12-18T10:00", "2026-12-19T09:00", "Fri Dec 18, 10 AM to Sat Dec 19, 9 AM EST"),
        ("2026-12-18T18:00", "2026-12-20T15:00", "Fri Dec 18, 6 PM to Sun Dec 20, 3 PM EST"),
        ("2026-12-18T18:00", "2026-12-20T00:00", "Fri Dec 18, 6 PM to Sun Dec 20, 12 AM EST"),
        ("2026-12-18T12:00", "2026-12-19T12:00", "Fri Dec 18, noon to Sat Dec 19, noon EST"),
        # no time at all, or one that runs backwards
        ("2026-12-18T18:00", "2026-12-18T18:00", "Fri Dec 18, 6 PM EST"),
        ("2026-12-18T18:00", "2026-12-18T17:00", "Fri Dec 18, 6 PM EST"),
        # over the change of clocks
        ("2026-10-31T23:00", "2026-11-01T03:00", "Sat Oct 31, 11 PM EDT-3 AM EST"),
        ("2026-03-07T18:00", "2026-03-08T17:00", "Sat Mar 7, 6 PM EST to Sun Mar 8, 5 PM EDT"),
        ("2026-03-08T01:00", "2026-03-08T04:00", "Sun Mar 8, 1 AM EST-4 AM EDT"),
    ],
)
def test_times_read_as_people_write_them(start: str, end: str | None, words: str) -> None:
    ends = None if end is None else local(end)
    assert shown(local(start), ends) == words
    without_zone = re.sub(r" E[SD]T", "", words).replace("1 AM-4 AM", "1-4 AM")
    assert shown(local(start), ends, with_zone=False) == without_zone


def test_the_hour_that_comes_twice_is_told_apart_by_its_zone() -> None:
    first, second = local("2026-11-01T01:30"), local("2026-11-01T01:30", fold=1)
    assert shown(first, None) == "Sun Nov 1, 1:30 AM EDT"
    assert shown(second, None) == "Sun Nov 1, 1:30 AM EST"
    assert shown(first, second) == "Sun Nov 1, 1:30 AM EDT-1:30 AM EST"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "Fri Dec 18, 11 PM UTC"),
        ("Europe/London", "Fri Dec 18, 11 PM GMT"),
        ("Europe/Berlin", "Sat Dec 19, 12 AM CET"),
        ("Asia/Kolkata", "Sat Dec 19, 4:30 AM IST"),
        ("Asia/Kathmandu", "Sat Dec 19, 4:45 AM UTC+5:45"),
        ("Asia/Colombo", "Sat Dec 19, 4:30 AM UTC+5:30"),
        ("Asia/Dubai", "Sat Dec 19, 3 AM UTC+4"),
        ("America/Sao_Paulo", "Fri Dec 18, 8 PM UTC-3"),
        ("Pacific/Marquesas", "Fri Dec 18, 1:30 PM UTC-9:30"),
        ("Pacific/Chatham", "Sat Dec 19, 12:45 PM UTC+13:45"),
        ("Antarctica/Troll", "Fri Dec 18, 11 PM UTC"),
        ("Pacific/Guam", "Sat Dec 19, 9 AM ChST"),
        ("Australia/Sydney", "Sat Dec 19, 10 AM AEDT"),
        ("Etc/GMT+5", "Fri Dec 18, 6 PM UTC-5"),
    ],
)
def test_every_zone_has_a_name_that_people_can_read(zone: str, words: str) -> None:
    assert shown(FIRST_EVENING, None, zone) == words


def test_the_same_moment_reads_the_same_whatever_zone_it_was_written_in() -> None:
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        assert shown(FIRST_EVENING.astimezone(ZoneInfo(zone)), None) == "Fri Dec 18, 6 PM EST"


@given(
    start=st.timedeltas(timedelta(0), timedelta(days=7000)).map(lambda ahead: NOW + ahead),
    length=st.none() | st.timedeltas(timedelta(0), timedelta(days=20)),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"]),
)
def test_any_time_can_be_read_back(start: datetime, length: timedelta | None, zone: str) -> None:
    words = shown(start, length and start + length, zone)
    begins = start.astimezone(ZoneInfo(zone))
    date, _, times = words.partition(", ")
    first = re.match(r"(?:noon|(\d+)(?::(\d\d))?)", times)

    assert date == f"{begins:%a %b} {begins.day}"
    assert first is not None
    assert (int(first[1] or 12) % 12, int(first[2] or 0)) == (begins.hour % 12, begins.minute)
    assert septets(words) <= 60


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "America", "../../etc/passwd"])
@every_ask
def test_an_unknown_time_zone_is_refused_in_one_sentence(text: Text, zone: str) -> None:
    with pytest.raises(ValueError, match=r"^The time zone '.*' is unknown: write an IANA name such as .*\.$"):
        text(make_sync(None, timezone=zone))


def test_answers_in_the_summary_do_not_depend_on_the_order_of_the_invitees() -> None:
    sync = answered(make_sync(), [1], None, [2, 3])
    turned = replace(sync, invitees=sync.invitees[::-1])
    assert texts.pause_summary(sync) == texts.pause_summary(turned)
