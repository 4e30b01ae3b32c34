"""The model beside the grammar: what it may change in a reading, what it never may, and where its weights come from."""

import random
import time
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosync.replies import Kind, Reading, model, read_reply
from autosync.replies.features import PLACES, hashed, kind_features, option_features
from autosync.replies.model import KINDS, SCALE, Judgement, judged
from autosync.replies.options import marked
from autosync.replies.plain import plain
from autosync.replies.weighing import weighed
from replies_model.compose import Composer, sections
from replies_model.train import HERE, Table, packed

COUNTS = st.integers(1, 3)


def sure_of(kind: str, *options: int, option_count: int = 3) -> Judgement:
    kinds = {other: 0.999 if other == kind else 0.0001 for other in KINDS}
    return Judgement(kinds, tuple(0.999 if option in options else 0.001 for option in range(1, option_count + 1)))


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=10_000), option_count=COUNTS)
def test_any_text_up_to_10000_characters_is_read_soon_and_twice_alike(text: str, option_count: int) -> None:
    started = time.process_time()
    first = read_reply(text, option_count=option_count)
    assert time.process_time() - started < 0.5
    assert first == read_reply(text, option_count=option_count)
    assert set(first.options) <= set(range(1, option_count + 1))


@pytest.mark.parametrize("unit", ["1 ", "what ", "(1", "a", "not 2 but 3, ", "😀", "one and two or ", "é"])
def test_ten_thousand_of_the_same_take_no_long_time(unit: str) -> None:
    text = unit * (10_000 // len(unit))
    started = time.process_time()
    read_reply(text, option_count=3)
    assert time.process_time() - started < 0.5


@given(
    stop=st.sampled_from(["STOP", "stop", "Unsubscribe", "stopall", "STOP please", "opt out"]),
    before=st.sampled_from(["", "1 works. ", "I'm in! ", "Thanks. ", "let me check. "]),
    option_count=COUNTS,
)
def test_a_carrier_word_wins_whatever_the_model_thinks(stop: str, before: str, option_count: int) -> None:
    assert read_reply(before + stop, option_count=option_count) == Reading(Kind.STOP)


@pytest.mark.parametrize(
    "text",
    [
        "let me check",
        "Let me ask my wife",
        "will get back to you",
        "one sec",
        "checking my calendar",
        "I'll let you know tomorrow",
    ],
)
def test_whoever_will_answer_later_is_not_asked_again(text: str) -> None:
    for option_count in (1, 2, 3):
        assert read_reply(text, option_count=option_count) == Reading(Kind.CHATTER)


@pytest.mark.parametrize(
    ("text", "option_count", "options"),
    [
        ("I shall be there.", 1, (1,)),
        ("We would be delighted to attend. God bless.", 1, (1,)),
        ("1 at 6:30 works", 2, (1,)),
        ("2 no good, others fine", 3, (1, 3)),
        ("not 2 but 3 is ok", 3, (3,)),
        ("1 gg", 2, (1,)),
    ],
)
def test_what_no_phrase_of_the_grammar_covers_is_read_by_the_model(
    text: str, option_count: int, options: tuple[int, ...]
) -> None:
    assert read_reply(text, option_count=option_count) == Reading(Kind.OPTIONS, options)


@pytest.mark.parametrize(
    ("words", "option_count", "options"),
    [
        ("O1 works , STRAY", 3, (1,)),
        ("works for me", 3, (1,)),
        ("O1 works", 3, (2,)),
        ("yes please", 1, (1,)),
        ("is there parking", 1, (1,)),
        ("works at TIME", 1, (1,)),
        ("cant do O1", 3, (1,)),
        ("O1 is out", 3, (1,)),
        ("maybe O1", 3, (1,)),
        ("tom can do O1", 3, (1,)),
        ("O1 works , not sure yet", 3, (1,)),
        ("O1 , scratch that", 3, (1,)),
    ],
)
def test_no_certainty_of_the_model_votes_against_the_words(
    words: str, option_count: int, options: tuple[int, ...]
) -> None:
    sure = sure_of("options", *options, option_count=option_count)
    assert weighed(("unclear", ()), sure, words, option_count) == ("unclear", ())


def test_one_refused_option_of_three_is_no_refusal_of_all() -> None:
    assert weighed(("unclear", ()), sure_of("none"), "no to O1", 3) == ("unclear", ())
    assert weighed(("unclear", ()), sure_of("none"), "no to O123", 3) == ("none", ())


def test_an_unlikely_vote_is_asked_about_where_another_is_likely() -> None:
    assert weighed(("options", (1,)), sure_of("options", 2), "O1 O2", 3) == ("unclear", ())
    assert weighed(("options", (1,)), sure_of("chatter"), "O1", 3) == ("options", (1,))


def test_a_guess_that_is_not_sure_changes_nothing() -> None:
    kinds = dict.fromkeys(KINDS, 0.05) | {"options": 0.7}
    assert weighed(("unclear", ()), Judgement(kinds, (0.9, 0.1, 0.1)), "O1 gg", 3) == ("unclear", ())


@given(text=st.text(max_size=200), option_count=COUNTS)
def test_the_likelihoods_of_all_kinds_add_up_to_one(text: str, option_count: int) -> None:
    words = plain(text)
    judgement = judged(words, marked(words, option_count).split(), option_count)
    assert sum(judgement.kinds.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in judgement.options)
    assert len(judgement.options) == option_count


def test_an_option_is_seen_apart_from_the_others() -> None:
    seen = marked("not 2 but 3", 3).split()
    assert option_features(seen, 3, 3) != option_features(seen, 2, 3)
    assert option_features(seen, 3, 3) == option_features(marked("not 1 but 3", 3).split(), 3, 3)
    assert kind_features("1", ["O1"], 3) == kind_features("2", ["O2"], 3)


def test_features_fall_on_places_of_the_table() -> None:
    assert all(0 <= place < PLACES for place in hashed(["a", "é", "1 and 2"]))


def test_the_weights_are_small_and_of_this_shape() -> None:
    stored = files("autosync.replies").joinpath("weights.bin").read_bytes()
    assert len(stored) < 600_000
    assert [len(table) for table in model.unpacked(stored)] == [PLACES] * (len(KINDS) + 1)


def test_what_training_packs_comes_out_again() -> None:
    table = Table()
    table.weights[3] = -2.5
    (unpacked,) = model.unpacked(packed([table]))
    assert unpacked[3] / SCALE == -2.5
    assert unpacked[4] == 0


def test_training_learns_what_it_is_shown() -> None:
    table, places = Table(), hashed(["works"])
    for _ in range(20):
        table.learn(places, -0.5)
    assert table.score(places, 1.0) > 1


def test_composed_answers_are_possible_and_the_same_for_the_same_chance() -> None:
    phrases = sections(HERE / "phrases.txt")
    answers = list(Composer(phrases, random.Random(7)).answers(2_000))
    assert answers == list(Composer(phrases, random.Random(7)).answers(2_000))
    for answer in answers:
        assert "{" not in answer["text"], answer
        assert answer["kind"] in KINDS
        assert bool(answer["options"]) == (answer["kind"] == "options"), answer
        assert set(answer["options"]) <= set(range(1, answer["option_count"] + 1)), answer
