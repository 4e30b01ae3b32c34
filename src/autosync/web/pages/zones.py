"""The time zones that people choose from, grouped by region, under the names of their cities."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from autosync import texts

Zones = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
"""Regions, each with its zones: (IANA name, label), by label."""

_OCEANS = {"Atlantic": "Atlantic Ocean", "Indian": "Indian Ocean", "Pacific": "Pacific Ocean"}


@cache
def grouped() -> Zones:
    """All zones that stand for a place today, without the many older names of the same ones."""
    table = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="ascii")
    names = [line.split("\t")[2] for line in table.splitlines() if not line.startswith("#")]
    regions = sorted({name.partition("/")[0] for name in names})
    places = tuple(
        (
            _OCEANS.get(region, region),
            tuple(sorted(((name, label(name)) for name in names if name.startswith(f"{region}/")), key=_by_label)),
        )
        for region in regions
    )
    return (*places, ("Everywhere", (("UTC", "UTC"),)))


def with_also(name: str) -> Zones:
    """The same, and this zone in front, if it is not among them: somebody prefers it by another of its names."""
    if not name or any(name == known for _, zones in grouped() for known, _ in zones):
        return grouped()
    return (("So far", ((name, name),)), *grouped())


def label(name: str) -> str:
    """The city that a zone is named after."""
    return texts.city(name)


def _by_label(zone: tuple[str, str]) -> str:
    return zone[1]
