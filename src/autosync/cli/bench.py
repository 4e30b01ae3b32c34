"""`autosync bench`: how fast it is on this machine, beside other job systems and beside SQL by hand."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import structlog
import typer

from autosync.bench.plan import MEASUREMENTS, Plan
from autosync.cli.output import JsonOption, say, show_json
from autosync.cli.session import run
from autosync.model import Refused, Unusable

if TYPE_CHECKING:
    from autosync.bench.report import Finding

log = structlog.get_logger(__name__)


def bench(
    against: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:PROCESSES]", help="A peer to run beside; may be repeated. `all`: every one."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="MEASUREMENT", help=f"One of {', '.join(MEASUREMENTS)}; may be repeated."),
    ] = None,
    rounds: Annotated[int, typer.Option(metavar="N", min=1, max=99, help="Rounds, of which the median counts.")] = 5,
    jobs: Annotated[
        int,
        typer.Option(metavar="N", min=500, max=1_000_000, help="Due jobs in a round; `empty` has four times as many."),
    ] = 5000,
    scale: Annotated[
        float, typer.Option(metavar="X", min=0.0001, max=10, help="Size of the other measurements; 1: as documented.")
    ] = 1,
    peers: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder with the peers.")] = Path(
        "benchmarks/peers"
    ),
    report_to: Annotated[
        Path | None,
        typer.Option("--report", metavar="FOLDER", help="A folder for the report, its plots and its figures."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measures how fast it is on this machine.

    On a throwaway server, beside SQL by hand and beside other job systems, with a table and with plots. It does not
    touch your database. Nothing else should run meanwhile.
    """
    from autosync.bench import report  # noqa: PLC0415 - takes longer to load than most commands to run
    from autosync.bench.run import run as measure  # noqa: PLC0415

    if unknown := sorted(set(only or ()) - set(MEASUREMENTS)):
        raise Unusable(f"There is no measurement {unknown[0]!r}; there are {', '.join(MEASUREMENTS)}.")
    chosen = _peers(peers, against or [])
    left_out = _impossible(peers, chosen) if against == ["all"] else {}
    plan = Plan(
        measurements=tuple(name for name in MEASUREMENTS if only is None or name in only),
        peers=tuple((name, processes) for name, processes in chosen if name not in left_out),
        left_out=left_out,
        peers_folder=peers,
        rounds=rounds,
        jobs=jobs,
        scale=scale,
    )
    machine, findings = run(lambda: measure(plan, lambda line: None if as_json else say(line)))
    if report_to is not None:
        _write(report_to, machine, findings)
    if as_json:
        show_json({"machine": dict(machine), "findings": [asdict(finding) for finding in findings]})
        return
    for finding in findings:
        say()
        say(f"{finding.title} ({finding.unit})")
        for line in report.plain(finding):
            say(line)
    for verdict in (verdict for finding in findings for verdict in finding.verdicts):
        say(f"{verdict.what}: {verdict.found:.2f}, wanted {verdict.wish}: {verdict.outcome}")


def _peers(folder: Path, against: list[str]) -> tuple[tuple[str, int], ...]:
    from autosync.bench import contestants  # noqa: PLC0415 - as above

    known = contestants.names_of_peers(folder)
    if against == ["all"]:
        if not known:
            raise Unusable(
                f"There are no peers in {folder}: they come with the sources; give their folder with --peers."
            )
        return tuple((name, processes) for name in known for processes in (1, 2))
    chosen: list[tuple[str, int]] = []
    for given in against:
        name, _, processes = given.partition(":")
        if name not in known:
            there = ", ".join(known) or f"none in {folder}: they come with the sources; give their folder with --peers"
            raise Unusable(f"There is no peer {name!r}; there are {there}.")
        if processes and not (processes.isdigit() and 1 <= int(processes) <= 16):
            raise Unusable(f"{given!r}: behind the colon stands a number of processes from 1 to 16.")
        chosen.append((name, int(processes or 1)))
    return tuple(chosen)


def _impossible(folder: Path, chosen: tuple[tuple[str, int], ...]) -> dict[str, str]:
    """The peers whose environments cannot be made, and why; makes those of the others."""
    from autosync.bench import contestants  # noqa: PLC0415 - as above

    found: dict[str, str] = {}
    for name in dict(chosen):
        try:
            contestants.peer(folder, name, "reminder")
        except Refused as refused:
            log.warning("peer_left_out", peer=name, because=str(refused))
            found[name] = str(refused)
    return found


def _write(folder: Path, machine: list[tuple[str, str]], findings: list[Finding]) -> None:
    from autosync.bench import report  # noqa: PLC0415 - as above

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.md").write_text(report.markdown(machine, findings), encoding="utf-8")
    for finding in findings:
        if finding.bars or finding.lines:
            (folder / f"{finding.key}.svg").write_text(report.svg(finding), encoding="utf-8")
