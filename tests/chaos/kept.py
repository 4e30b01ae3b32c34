"""What a run leaves for whoever looks into what it found: rows, the gateway's records, the clock's jumps, logs."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from chaos.people import People
from chaos.report import Report
from chaos.server import Server


def keep(
    folder: Path | None, server: Server, people: People, ledger: dict[str, list[dict[str, str]]], report: Report
) -> str:
    """Into this folder, None: into a new one; a sentence that says where, or why not all of it is there."""
    folder = folder or Path(tempfile.mkdtemp(prefix="autosync-chaos-found-"))
    clock = zip(people.clock.since, people.clock.ahead, strict=True)
    records = {
        "gateway": ledger,
        "clock": [[since, ahead.total_seconds()] for since, ahead in clock],
        "forgotten": sorted(people.forgotten),
        "found": report.stuck + report.differences,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, record in records.items():
            (folder / f"{name}.json").write_text(json.dumps(record))
        for log in server.folder.glob("*log"):
            shutil.copy(log, folder)
        server.dump(folder / "rows.dump")
    except (OSError, subprocess.CalledProcessError) as error:
        return f"Not all is kept in {folder}: {error}"
    return f"The rows, the gateway's records, the clock's jumps, all that was found and the logs are in {folder}."
