"""The dashboard in deploy/: it asks what Prometheus can answer, of what the program really tells."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx

from commands import a_worker
from factories import Factory
from test_alerts import program
from waiting import until

DASHBOARD = Path(__file__).parents[1] / "deploy" / "grafana" / "auto-sync.json"
PANELS: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
QUESTIONS = [target["expr"] for panel in PANELS for target in panel.get("targets", [])]
WITHOUT_CRON = {"autosync_cron_last_success_timestamp_seconds"}


def test_prometheus_can_read_every_question(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": question.replace("$__rate_interval", "5m")}
        for number, question in enumerate(QUESTIONS)
    ]
    file = tmp_path / "rules.json"  # JSON is YAML, too
    file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(
        [program("promtool"), "check", "rules", str(file)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"SUCCESS: {len(QUESTIONS)} rules found" in done.stdout


async def test_every_question_is_about_what_a_worker_tells(factory: Factory, database_url: str) -> None:
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")

    async def is_done() -> bool:
        return bool(await factory.one("select count(*) from job_queue where status = 'processed'"))

    async with a_worker(database_url) as (_, address), httpx.AsyncClient(base_url=address) as client:
        await until(is_done)
        told = re.findall(r"^# TYPE (\w+) (\w+)", (await client.get("/metrics")).text, re.MULTILINE)
    names = {f"{name}_bucket" if kind == "histogram" else name for name, kind in told}
    wanted = {name for question in QUESTIONS for name in re.findall(r"\bautosync_[a-z_]+", question)}
    assert wanted - WITHOUT_CRON <= names | {f"{name}_total" for name in names}


def test_panels_have_names_of_their_own_and_none_lies_upon_another() -> None:
    assert len({panel["id"] for panel in PANELS}) == len({panel["title"] for panel in PANELS}) == len(PANELS)
    for one, other in itertools.combinations([panel["gridPos"] for panel in PANELS], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in PANELS)
