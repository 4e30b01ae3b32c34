"""What lies in deploy/ fits the program: its commands, its settings, the files that it copies."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from autosync.settings import PREFIX, Settings
from commands import autosync

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def example_settings() -> dict[str, str]:
    lines = (DEPLOY / "autosync.env.example").read_text().splitlines()
    given = [line.lstrip("#") for line in lines if re.match(r"#?[A-Z_]+=", line)]
    return dict(line.split("=", 1) for line in given)


def test_the_example_names_only_settings_that_there_are() -> None:
    ours = {name.removeprefix(PREFIX).lower() for name in example_settings() if name.startswith(PREFIX)}
    assert ours <= set(Settings.model_fields)


def test_the_example_is_taken_as_it_is_with_everything_left_empty() -> None:
    empty = {name: value for name, value in example_settings().items() if name.startswith(PREFIX) and not value}
    ran = autosync("settings", **empty)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    "command",
    [
        *[service["command"] for service in COMPOSE["services"].values() if "command" in service],
        re.findall(r'^CMD \["(\w+)"', (DEPLOY / "Containerfile").read_text(), re.MULTILINE),
        *[
            found.split()
            for unit in UNITS
            for found in re.findall(r"^ExecStart=/opt/autosync/bin/autosync (.+)$", unit.read_text(), re.MULTILINE)
        ],
    ],
    ids=" ".join,
)
def test_every_command_that_is_started_is_one_of_the_program(command: list[str]) -> None:
    assert autosync(*command, "--help").code == 0


def test_the_container_is_given_only_files_that_there_are() -> None:
    container_file = (DEPLOY / "Containerfile").read_text()
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", container_file, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    let_in = (ROOT / ".dockerignore").read_text()
    assert copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source.split('/')[0]}" in let_in, source


def test_the_container_lets_the_worker_finish_before_it_is_killed() -> None:
    assert COMPOSE["services"]["autosync"]["stop_grace_period"] == "40s"
    assert COMPOSE["services"]["autosync"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_understands_every_unit(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text()
    sections = re.findall(r"^\[(\w+)\]$", text, re.MULTILINE)
    assert sections[0] == "Unit"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:  # a container without systemd: the form is all that can be looked at
        assert {"Service", "Timer"} & set(sections)
        return
    for other in UNITS:
        (tmp_path / other.name).write_text(other.read_text().replace("/opt/autosync/bin/autosync", "/bin/true"))
    ran = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / unit.name)], capture_output=True, text=True, check=False
    )
    assert [line for line in ran.stderr.splitlines() if unit.stem in line] == []


def test_no_secret_stands_in_a_file_that_is_kept() -> None:
    secret = re.compile(r"(PASSWORD|KEY|TOKEN|SECRET)\w*[:=] *(\S+)")
    kept = [path for path in DEPLOY.rglob("*") if path.is_file()]
    found = [match[2] for path in kept for match in secret.finditer(path.read_text()) if not match[2].startswith("${")]
    assert found == []
