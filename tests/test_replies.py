"""`read_reply` against answers labelled by hand, and rules that hold for every text."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autosync.replies import Kind, Reading, read_reply

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "replies_corpus.jsonl").read_text(encoding="utf-8").splitlines()
]
AGREEMENT = 0.97


def reading_of(case: dict) -> Reading:
    return read_reply(case["text"], option_count=case["option_count"])


def label_of(case: dict) -> Reading:
    return Reading(Kind(case["kind"]), tuple(case["options"]))


def test_the_corpus_is_large_and_each_label_is_possible() -> None:
    assert len(CORPUS) >= 450
    for case in CORPUS:
        assert bool(case["options"]) == (case["kind"] == "options"), case
        assert all(1 <= option <= case["option_count"] for option in case["options"]), case


def test_the_readings_agree_with_the_labels() -> None:
    wrong = [(case["text"], label_of(case), reading_of(case)) for case in CORPUS if reading_of(case) != label_of(case)]
    assert len(wrong) <= (1 - AGREEMENT) * len(CORPUS), "\n".join(map(str, wrong))


def test_no_message_votes_for_what_a_person_would_not_read() -> None:
    wrong = [
        (case["text"], label_of(case), reading_of(case))
        for case in CORPUS
        if reading_of(case).kind is Kind.OPTIONS and reading_of(case) != label_of(case)
    ]
    assert wrong == []


def test_no_message_stops_or_declines_what_a_person_would_not_read_so() -> None:
    final = {Kind.STOP, Kind.START, Kind.NONE}
    wrong = [
        (case["text"], label_of(case), reading_of(case))
        for case in CORPUS
        if reading_of(case).kind in final and reading_of(case) != label_of(case)
    ]
    assert wrong == []


@pytest.mark.parametrize("text", ["1 & 3", "1,3", "1️⃣ 3️⃣", "①③", "１ ３", "#1 and #3", "1st and 3rd", "one and three"])
def test_numbers_count_in_any_form(text: str) -> None:
    assert read_reply(text, option_count=3) == Reading(Kind.OPTIONS, (1, 3))


@pytest.mark.parametrize("text", ["2pm works", "after 3", "12/19", "dec 3rd", "I'm bringing 2 friends", "555-123-4567"])
def test_times_dates_people_and_phone_numbers_are_no_options(text: str) -> None:
    assert read_reply(text, option_count=3).kind is not Kind.OPTIONS


@pytest.mark.parametrize("text", ["YES", "yes", "Yes please", "👍", "ok", "works for me", "I can make it"])
def test_agreement_is_never_a_vote_not_even_for_the_only_option(text: str) -> None:
    assert read_reply(text, option_count=1) == Reading(Kind.UNCLEAR)


def test_the_same_number_out_of_range_asks_again() -> None:
    assert read_reply("3", option_count=3) == Reading(Kind.OPTIONS, (3,))
    assert read_reply("3", option_count=2) == Reading(Kind.UNCLEAR)


@pytest.mark.parametrize(
    "text", ["can't stop laughing, 1 works", "I'll stop by, 2", "bus stop", "end of the day works"]
)
def test_stop_within_a_sentence_is_not_the_carrier_word(text: str) -> None:
    assert read_reply(text, option_count=3).kind is not Kind.STOP


def test_the_copied_question_is_no_answer() -> None:
    question = "1) Fri Dec 12 7pm\n2) Sat Dec 13 6pm\nReply with the numbers that work, or NONE. STOP to opt out."
    assert read_reply(f"Liked “{question}”", option_count=2) == Reading(Kind.CHATTER)
    assert read_reply(question, option_count=2).kind is Kind.UNCLEAR


@pytest.mark.parametrize("option_count", [0, 4, -1])
def test_an_impossible_number_of_options_is_refused(option_count: int) -> None:
    with pytest.raises(ValueError, match="1 to 3 options"):
        read_reply("1", option_count=option_count)


# --- Rules for every text ---

COUNTS = st.integers(1, 3)
SPELLED = {
    1: ("1", "one", "1st", "first", "①", "1️⃣", "１"),
    2: ("2", "two", "2nd", "second", "②", "2️⃣", "２"),
    3: ("3", "three", "3rd", "third", "③", "3️⃣", "３"),
}
PIECES = st.sampled_from(
    [
        "1",
        "2",
        "3",
        "4",
        "12",
        "none",
        "all",
        "both",
        "but",
        "not",
        "can't",
        "works",
        "doesn't",
        "except",
        "maybe",
        "and",
        "or",
        ",",
        ".",
        "?",
        "-",
        "\n",
        "(",
        ")",
        "yes",
        "no",
        "pm",
        "the",
        "first",
        "last",
        "two",
        "STOP",
        "thanks",
        "y",
        "n",
        "Ann",
        "friday",
        ":30",
        "👍",
        "❌",
        "½",
        "⑩",
        "¹",
        "it",
        "any",
        "of",
        "them",
        "either",
        "rest",
        "\u200d",
        "+",
        "/",
    ]
)


@settings(max_examples=600)
@example(text="12\nAnn", option_count=3)
@example(text="", option_count=1)
@given(text=st.one_of(st.text(), st.lists(PIECES, max_size=14).map(" ".join)), option_count=COUNTS)
def test_any_text_gives_a_reading_with_options_in_range(text: str, option_count: int) -> None:
    reading = read_reply(text, option_count=option_count)
    assert list(reading.options) == sorted(set(reading.options))
    assert set(reading.options) <= set(range(1, option_count + 1))
    assert bool(reading.options) == (reading.kind is Kind.OPTIONS)


@st.composite
def votes(draw: st.DrawFn) -> tuple[str, int, tuple[int, ...]]:
    """A phrasing of a set of options, the number of options, and the set."""
    option_count = draw(COUNTS)
    options = tuple(sorted(draw(st.sets(st.integers(1, option_count), min_size=1))))
    style = draw(st.integers(0, 6))
    noun = draw(st.sampled_from(["", "option ", "#"])) if style in {0, 6} else ""
    numbers = [noun + SPELLED[option][style] for option in options]
    joint = draw(st.sampled_from([" and ", " & ", ", ", " or ", " + ", "\n"]))
    plural = len(options) > 1
    before = draw(
        st.sampled_from(["", "I can do ", "yes to ", "put me down for ", "I'm available for ", "I vote for "])
    )
    after = draw(
        st.sampled_from(["", " please", " for me", " work for me" if plural else " works for me", " 👍", "!!"])
    )
    return before + joint.join(numbers) + after, option_count, options


@given(vote=votes())
def test_a_phrasing_of_options_reads_back_as_these_options(vote: tuple[str, int, tuple[int, ...]]) -> None:
    text, option_count, options = vote
    assert read_reply(text, option_count=option_count) == Reading(Kind.OPTIONS, options), text


@given(
    vote=votes(),
    before=st.sampled_from(["Hi, ", "Hey! ", "Hi Sarah, ", "Thanks! ", "Hello. ", ""]),
    after=st.sampled_from(
        [" thanks", ", thank you!", "\nThanks,\nAnn", "\n\nSent from my iPhone", " - Ann", " 😀", ""]
    ),
)
def test_courtesy_never_changes_a_vote(vote: tuple[str, int, tuple[int, ...]], before: str, after: str) -> None:
    text, option_count, options = vote
    assert read_reply(before + text + after, option_count=option_count) == Reading(Kind.OPTIONS, options)


UNITS = [
    " pm",
    "pm",
    "am",
    " AM",
    " o'clock",
    " o’clock",
    ":30",
    ":15pm",
    "ish",
    " people",
    " friends",
    " kids",
    " of us",
    " hours",
    " minutes",
    " weeks",
    " p.m.",
    " adults",
    " dollars",
]


@given(
    amounts=st.lists(
        st.tuples(st.integers(1, 12), st.sampled_from(UNITS)).map(lambda part: f"{part[0]}{part[1]}"),
        min_size=1,
        max_size=3,
    ),
    words=st.sampled_from(["{} works", "I can do {}", "{}", "yes {}", "{} is good", "put me down for {}", "{} please"]),
    joint=st.sampled_from([" and ", " or ", ", ", " "]),
    option_count=COUNTS,
)
def test_a_number_with_its_unit_never_votes(amounts: list[str], words: str, joint: str, option_count: int) -> None:
    text = words.format(joint.join(amounts))
    assert read_reply(text, option_count=option_count).kind is not Kind.OPTIONS, text


@given(vote=votes(), doubt=st.sampled_from(["maybe ", "probably ", "if I can, ", "not sure, "]))
def test_a_vote_in_doubt_is_asked_again(vote: tuple[str, int, tuple[int, ...]], doubt: str) -> None:
    text, option_count, _ = vote
    assert read_reply(doubt + text, option_count=option_count) == Reading(Kind.UNCLEAR)


@given(
    option_count=COUNTS,
    excepted=st.integers(1, 3),
    words=st.sampled_from(["all but", "anything except", "any but"]),
)
def test_an_exception_votes_for_the_others(option_count: int, excepted: int, words: str) -> None:
    others = tuple(option for option in range(1, option_count + 1) if option != excepted)
    reading = read_reply(f"{words} {excepted}", option_count=option_count)
    expected = Reading(Kind.OPTIONS, others) if excepted <= option_count and others else Reading(Kind.UNCLEAR)
    assert reading == expected
