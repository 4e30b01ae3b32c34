"""The planted bugs: each still fits, names tests that are there, and the trial itself can tell."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

import mutants

EVERY = mutants.every()
CHANGED, UNMOVED = "src/autosync/send_rate.py", "tests/test_send_rate.py"


def test_there_are_enough_of_them() -> None:
    assert len(EVERY) >= 15
    assert len({mutant.breaks for mutant in EVERY}) == len(EVERY)


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_each_fits_and_names_tests_that_are_there(mutant: mutants.Mutant) -> None:
    assert mutants.applies(mutant, mutants.ROOT, only_check=True), "make it anew for what the code has become"
    for test in mutant.caught_by:
        path, _, name = test.partition("[")[0].partition("::")
        assert f"def {name}(" in (mutants.ROOT / path).read_text() if name else (mutants.ROOT / path).is_file()


def test_a_bug_that_no_test_notices_is_told_from_one_that_is_caught(tmp_path: Path) -> None:
    words = (mutants.ROOT / CHANGED).read_text().splitlines(keepends=True)
    other_words = ['"""Other words.\n', *words[1:]]
    harmless, unfit = tmp_path / "harmless.patch", tmp_path / "unfit.patch"
    for patch, before, after in ((harmless, words, other_words), (unfit, other_words, words)):
        diff = difflib.unified_diff(before, after, f"a/{CHANGED}", f"b/{CHANGED}")
        patch.write_text(f"Breaks: nothing.\nCaught by: {UNMOVED}\n\n{''.join(diff)}")
    assert mutants.are_green([UNMOVED])[0]
    (caught,) = [mutant for mutant in EVERY if mutant.name == "half_is_a_majority"]
    assert mutants.is_caught(caught, caught.caught_by[0])[0]
    assert mutants.is_caught(mutants.read(unfit), UNMOVED) == (False, mutants.UNFIT)
    survived, said = mutants.is_caught(mutants.read(harmless), UNMOVED)
    assert (survived, "passed" in said) == (False, True)


def test_where_a_test_fails_without_any_bug_nothing_is_planted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "red.patch").write_text("Breaks: nothing.\nCaught by: tests/test_that_is_missing.py\n")
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)
    monkeypatch.setattr(mutants, "is_caught", lambda *_: pytest.fail("planted"))
    assert mutants.main([]) == 1
    assert "fail, or cannot run, without any bug" in capsys.readouterr().err
