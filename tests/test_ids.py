"""Ids for many rows at a time are new, valid, and go up."""

from __future__ import annotations

import time
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from autosync.database import ids


@given(st.lists(st.integers(0, 3_000), min_size=1, max_size=4))
def test_ids_are_valid_all_different_and_each_above_the_one_before(counts: list[int]) -> None:
    batches = [list(map(UUID, ids.new_ids(count))) for count in counts]
    made = [id_ for batch in batches for id_ in batch]
    assert len(set(made)) == sum(counts)
    assert all(id_.version == 7 and id_.variant == "specified in RFC 4122" for id_ in made)
    assert all(batch == sorted(batch) for batch in batches)


def test_an_id_begins_with_the_moment_it_was_made_at() -> None:
    before = time.time_ns() // 1_000_000
    (made,) = ids.new_ids(1)
    assert before <= int(made[:12], 16) <= time.time_ns() // 1_000_000
