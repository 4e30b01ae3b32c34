"""The alerts in deploy/: each fires under its fault, by Prometheus's own tests, and rests on what is really told."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import httpx

from commands import a_worker
from factories import Factory
from pooler import missing
from waiting import until

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "deploy" / "prometheus"
RULES = (FOLDER / "alerts.yml").read_text()
ALERTS = re.findall(r"- alert: (\w+)", RULES)


def program(name: str) -> str:
    """Where one of Debian's Prometheus programs is."""
    found = shutil.which(name)
    if found is None:
        missing("prometheus")
    return str(found)


def test_each_alert_fires_under_its_fault_and_none_on_a_healthy_system() -> None:
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run(
            [program("promtool"), *command], cwd=FOLDER, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    tried = (FOLDER / "alerts.test.yml").read_text()
    silent = re.search(r"alert_rule_test: &silent(.*?)- name:", tried, re.DOTALL)
    assert silent is not None
    assert set(re.findall(r"alertname: (\w+)", silent[1])) == set(ALERTS)
    assert set(re.findall(r"alertname: (\w+)\n\s+exp_alerts", tried)) == set(ALERTS)


def test_each_alert_has_a_page_to_go_to() -> None:
    headings = re.findall(r"^## (\w+)$", (ROOT / "docs" / "alerts.md").read_text(), re.MULTILINE)
    assert headings == ALERTS
    assert re.findall(r"runbook: docs/alerts.md#(\w+)", RULES) == [name.lower() for name in ALERTS]


async def test_what_the_alerts_rest_on_is_what_a_worker_tells(factory: Factory, database_url: str) -> None:
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")

    async def is_done() -> bool:
        return bool(await factory.one("select count(*) from job_queue where status = 'processed'"))

    async with a_worker(database_url) as (_, address), httpx.AsyncClient(base_url=address) as client:
        await until(is_done)
        told = set(re.findall(r"^# TYPE (\w+)", (await client.get("/metrics")).text, re.MULTILINE))
    told |= {f"{name}_total" for name in told}
    wanted = set(re.findall(r"\bautosync_[a-z_]+", RULES)) - {"autosync_cron_last_success_timestamp_seconds"}
    assert wanted <= told


@asynccontextmanager
async def a_prometheus(folder: Path, port: int, worker: str) -> AsyncIterator[httpx.AsyncClient]:
    """Debian's Prometheus, which scrapes this worker twice a second under our rules, with their patience cut short."""
    (folder / "alerts.yml").write_text(re.sub(r"for: \w+", "for: 1s", RULES))
    (folder / "prometheus.yml").write_text(f"""
global: {{scrape_interval: 500ms, scrape_timeout: 400ms, evaluation_interval: 500ms}}
rule_files: [alerts.yml]
scrape_configs: [{{job_name: autosync, static_configs: [{{targets: ['{worker.removeprefix("http://")}']}}]}}]
""")
    process = await asyncio.create_subprocess_exec(
        program("prometheus"), f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            yield client
    finally:
        process.kill()
        await process.wait()


async def test_a_real_prometheus_is_silent_while_a_worker_lives_and_fires_once_it_is_killed(
    factory: Factory, database_url: str, unused_port: int, tmp_path: Path
) -> None:
    del factory

    async with (
        a_worker(database_url) as (process, address),
        a_prometheus(tmp_path, unused_port, address) as prometheus,
    ):

        async def up() -> str | None:
            try:
                answer = await prometheus.get("/api/v1/query", params={"query": "up"})
            except httpx.TransportError:
                return None  # it does not listen yet
            if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                return None  # it still reads its files
            found = answer.json()["data"]["result"]
            return found[0]["value"][1] if found else None

        async def firing() -> set[str]:
            alerts = (await prometheus.get("/api/v1/alerts")).json()["data"]["alerts"]
            return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

        async def is_scraped() -> bool:
            return await up() == "1"

        async def has_fired() -> bool:
            return "ProcessGone" in await firing()

        async def is_silent() -> bool:
            return not await firing()  # of what was before the first scrape, and the first heartbeat

        await until(is_scraped, within=30)
        await until(is_silent, within=30)
        process.kill()
        await until(has_fired, within=30)
