"""The planted bugs: each still fits, names tests that are there, and the trial itself can tell."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

import mutants
from mutants import Verdict

EVERY = mutants.every()
CHANGED, UNMOVED = "src/autosync/send_rate.py", "tests/test_send_rate.py"
WORDS = (mutants.ROOT / CHANGED).read_text().splitlines(keepends=True)
OTHER_WORDS = ['"""Other words.\n', *WORDS[1:]]


def test_there_are_enough_of_them() -> None:
    assert len(EVERY) >= 15
    assert len({mutant.breaks for mutant in EVERY}) == len(EVERY)


@pytest.mark.parametrize("mutant", EVERY, ids=lambda mutant: mutant.name)
def test_each_fits_and_names_tests_that_are_there(mutant: mutants.Mutant) -> None:
    assert mutants.applies(mutant, mutants.ROOT, only_check=True), "make it anew for what the code has become"
    for test in mutant.caught_by:
        path, _, name = test.partition("[")[0].partition("::")
        assert f"def {name}(" in (mutants.ROOT / path).read_text() if name else (mutants.ROOT / path).is_file()


def planted(folder: Path, before: list[str], after: list[str], *, says: str = "") -> mutants.Mutant:
    """A bug of the trial's own, which no test notices."""
    patch = folder / "planted.patch"
    diff = difflib.unified_diff(before, after, f"a/{CHANGED}", f"b/{CHANGED}")
    patch.write_text(f"Breaks: nothing.\n{says}Caught by: {UNMOVED}\n\n{''.join(diff)}")
    return mutants.read(patch)


def test_a_bug_that_no_test_notices_is_told_from_one_that_is_caught(tmp_path: Path) -> None:
    assert mutants.not_green([UNMOVED]) == []
    (caught,) = [mutant for mutant in EVERY if mutant.name == "half_is_a_majority"]
    assert mutants.tried(caught, caught.caught_by[0])[0] is Verdict.CAUGHT
    assert mutants.tried(planted(tmp_path, OTHER_WORDS, WORDS), UNMOVED)[0] is Verdict.UNFIT
    verdict, said = mutants.tried(planted(tmp_path, WORDS, OTHER_WORDS), UNMOVED)
    assert (verdict, "passed" in said) == (Verdict.SURVIVED, True)


def test_a_test_that_does_not_come_to_its_end_catches_nothing_unless_the_patch_expects_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutants, "PATIENCE", 0.1)
    assert [test for test, _ in mutants.not_green([UNMOVED])] == [UNMOVED]
    harmless = planted(tmp_path, WORDS, OTHER_WORDS)
    verdict, said = mutants.tried(harmless, UNMOVED)
    assert (verdict, harmless.is_noticed(verdict)) == (Verdict.TIMED_OUT, False), said
    assert planted(tmp_path, WORDS, OTHER_WORDS, says="Hangs: it waits for itself.\n").is_noticed(verdict)


@pytest.mark.parametrize(
    ("verdict", "is_noticed"),
    [(Verdict.CAUGHT, True), (Verdict.SURVIVED, False), (Verdict.TIMED_OUT, False), (Verdict.UNFIT, False)],
)
def test_what_is_not_caught_is_a_failure_and_says_so(
    verdict: Verdict,
    is_noticed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    planted(tmp_path, WORDS, OTHER_WORDS)
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)
    monkeypatch.setattr(mutants, "not_green", lambda _: [])
    monkeypatch.setattr(mutants, "tried", lambda *_: (verdict, "said"))
    assert mutants.main([]) == (0 if is_noticed else 1)
    told = capsys.readouterr().out
    assert told.splitlines()[1].startswith(str(verdict))
    assert told.endswith(f"1 planted bugs, {0 if is_noticed else 1} not caught\n")


def test_where_a_test_fails_without_any_bug_nothing_is_planted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "red.patch").write_text("Breaks: nothing.\nCaught by: tests/test_that_is_missing.py\n")
    monkeypatch.setattr(mutants, "PATCHES", tmp_path)
    monkeypatch.setattr(mutants, "tried", lambda *_: pytest.fail("planted"))
    assert mutants.main([]) == 1
    assert "fail, or cannot run, without any bug" in capsys.readouterr().err
