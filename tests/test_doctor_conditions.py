"""Conditions of policies by what they mean: spelling does not count, and what ties rows to people is seen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.doctor.conditions import Tie, asked_once, asks_row_by_row, stricter, tie, tied_columns, tree

OWN = "(user_id = ( SELECT auth.uid() AS uid))"


@pytest.mark.parametrize(
    "same",
    [
        "user_id = auth.uid()",
        "(auth.uid() = user_id)",
        "((user_id = ( SELECT auth.uid() AS uid)))",
        "(( SELECT auth.uid() AS uid) = (user_id)::uuid)",
        "(user_id = auth.uid()) AND (user_id = auth.uid())",
    ],
)
def test_spelling_does_not_count(same: str) -> None:
    assert tree(same) == tree(OWN)


@pytest.mark.parametrize(
    "one, other",
    [
        (
            "(EXISTS ( SELECT\n   FROM public.crews c\n  WHERE ((c.id = m.crew_id) AND (c.creator_id = auth.uid()))))",
            "(EXISTS ( SELECT 1\n   FROM crews\n  WHERE ((crews.creator_id = auth.uid()) AND (m.crew_id = crews.id))))",
        ),
        ("(status = ANY (ARRAY['a'::text, 'b'::text]))", "(status = ANY (ARRAY['b', 'a']))"),
        ("((a = 1) OR (b = 2) OR (c = 3))", "((c = 3) OR ((b = 2) OR (a = 1)))"),
    ],
)
def test_names_order_and_brackets_do_not_count(one: str, other: str) -> None:
    assert tree(one) == tree(other)


@pytest.mark.parametrize("other", ["(user_id <> auth.uid())", "(id = auth.uid())", "true", f"({OWN} OR true)"])
def test_another_meaning_is_another(other: str) -> None:
    assert tree(other) != tree(OWN)


@pytest.mark.parametrize(
    "condition, how",
    [
        (OWN, Tie.TIED),
        ("false", Tie.TIED),
        (None, Tie.TIED),
        ("(user_id IN ( SELECT m.user_id\n   FROM members m\n  WHERE (m.owner = auth.uid())))", Tie.TIED),
        ("(auth.uid() = ANY (editors))", Tie.TIED),
        ("((( SELECT auth.jwt() AS jwt) ->> 'role'::text) = 'service_role'::text)", Tie.TIED),
        ("(EXISTS ( SELECT\n   FROM (a\n     JOIN b ON ((b.owner = auth.uid())))\n  WHERE (a.id = b.id)))", Tie.TIED),
        ("private.may_see(id)", Tie.UNSURE),
        ("(private.rank(id) > 3)", Tie.UNSURE),
        ("(rank > 3)", Tie.OPEN),
        ("(EXISTS ( VALUES (1)))", Tie.UNSURE),
        ("(EXISTS ( SELECT\n   FROM (a\n     LEFT JOIN b ON ((b.owner = auth.uid())))\n  WHERE true))", Tie.UNSURE),
        ("(crew_id IN ( SELECT shared_crews() AS shared_crews))", Tie.UNSURE),
        ("(NOT (EXISTS ( SELECT\n   FROM blocked b\n  WHERE (b.who = auth.uid()))))", Tie.UNSURE),
        ("true", Tie.OPEN),
        ("(auth.uid() IS NOT NULL)", Tie.OPEN),
        ("(auth.role() = 'authenticated'::text)", Tie.OPEN),
        ("(( SELECT (auth.jwt() ->> 'role'::text)) = 'authenticated'::text)", Tie.OPEN),
        (f"({OWN} OR is_public)", Tie.OPEN),
        ("(user_id <> auth.uid())", Tie.OPEN),
        ("(id = id)", Tie.OPEN),
        ("(NOT is_deleted)", Tie.OPEN),
    ],
)
def test_what_ties_a_row_to_who_is_asking_is_seen(condition: str | None, how: Tie) -> None:
    assert tie(tree(condition)) is how


def test_more_conditions_are_stricter_and_fewer_are_not() -> None:
    both = f"({OWN} AND (crew_id IS NULL))"
    assert stricter(tree(both), tree(OWN))
    assert stricter(tree(OWN), tree(OWN))
    assert stricter(tree("false"), tree(OWN))
    assert not stricter(tree(OWN), tree(both))
    assert not stricter(tree(f"({OWN} OR (crew_id IS NULL))"), tree(OWN))


def test_a_call_outside_of_a_sub_select_is_asked_row_by_row_until_it_is_wrapped() -> None:
    assert not asks_row_by_row(OWN)
    assert not asks_row_by_row("(( SELECT (auth.jwt() ->> 'role'::text)) = 'x'::text)")
    slow = "((auth.uid() = user_id) OR (EXISTS ( SELECT\n   FROM a\n  WHERE (a.owner = auth.uid()))))"
    assert asks_row_by_row(slow)
    assert not asks_row_by_row(asked_once(slow))
    assert tree(asked_once(slow)) == tree(slow)


def test_columns_that_are_compared_with_who_is_asking_are_named() -> None:
    assert list(tied_columns(tree(f"({OWN} AND (other = 1))"))) == ["user_id"]
    assert list(tied_columns(tree("(a.user_id = auth.uid())"))) == []


conditions = st.recursive(
    st.sampled_from(["(a = 1)", "(b <> 'x'::text)", "(auth.uid() = owner)", "is_public", "(c IS NULL)"]),
    lambda inner: st.builds(
        lambda word, parts: "(" + f" {word} ".join(parts) + ")",
        st.sampled_from(["AND", "OR"]),
        st.lists(inner, min_size=2, max_size=3),
    ),
    max_leaves=6,
)


@given(conditions)
def test_brackets_and_blanks_never_change_a_meaning(condition: str) -> None:
    assert tree(f"(({condition}))".replace(" ", "\n  ")) == tree(condition)


@given(conditions, conditions)
def test_whatever_is_added_by_and_is_stricter_and_ties_no_less(one: str, more: str) -> None:
    both = tree(f"({one} AND {more})")
    assert stricter(both, tree(one))
    assert tie(both) >= tie(tree(one))


@given(conditions, conditions)
def test_whatever_is_added_by_or_ties_no_more(one: str, more: str) -> None:
    assert tie(tree(f"({one} OR {more})")) <= tie(tree(one))
