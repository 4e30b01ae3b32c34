"""What a benchmark found, as text and as pictures. Pure: the same findings always give the same documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its range."""

    label: str
    value: float
    low: float
    high: float
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A curve: (x, y) with both above zero."""

    label: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ratio that was wanted: at least, or at most, so much."""

    what: str
    found: float
    wanted: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is what was wanted."""
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted

    @property
    def wish(self) -> str:
        """What was wanted, in words."""
        return f"at {'most' if self.at_most else 'least'} {self.wanted:g}"

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        return "holds" if self.holds else "does not hold"


@dataclass(frozen=True, slots=True)
class Finding:
    """One measurement: a title, what was done in a sentence or two, its figures, its picture and its verdicts."""

    key: str
    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unit: str = ""
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    verdicts: tuple[Verdict, ...] = field(default=())


def markdown(machine: Sequence[tuple[str, str]], findings: Sequence[Finding]) -> str:
    """The whole report; each picture lies beside it as `KEY.svg`."""
    parts = [
        "# What was measured",
        "",
        "| machine | |",
        "|---|---|",
        *(f"| {name} | {value} |" for name, value in machine),
    ]
    verdicts = [verdict for finding in findings for verdict in finding.verdicts]
    if verdicts:
        parts += ["", "| ratio | found | wanted | |", "|---|---|---|---|", *map(_verdict_row, verdicts)]
    for finding in findings:
        parts += ["", f"## {finding.title}", "", finding.text]
        if finding.bars or finding.lines:
            parts += ["", f"![{finding.title}]({finding.key}.svg)"]
        parts += ["", f"| {' | '.join(finding.columns)} |", f"|{'---|' * len(finding.columns)}"]
        parts += [f"| {' | '.join(row)} |" for row in finding.rows]
    return "\n".join(parts) + "\n"


def _verdict_row(verdict: Verdict) -> str:
    return f"| {verdict.what} | {verdict.found:.2f} | {verdict.wish} | {verdict.outcome} |"


def plain(finding: Finding) -> list[str]:
    """The figures of a finding as lines for a terminal, each with a bar where there are bars."""
    widths = [max(map(len, column)) for column in zip(finding.columns, *finding.rows, strict=True)]
    most = max((bar.value for bar in finding.bars), default=0.0)
    lines = ["  ".join(name.ljust(width) for name, width in zip(finding.columns, widths, strict=True)).rstrip()]
    for place, row in enumerate(finding.rows):
        cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        length = round(30 * finding.bars[place].value / most) if most else 0
        lines.append(f"{cells}  {'█' * length}".rstrip())
    return lines


WIDTH, LABELS, ROW = 760, 300, 30
_STYLE = (
    "<style>text{font:13px system-ui,sans-serif;fill:#2b2d33}.t{font-weight:600;font-size:15px}.o{fill:#2d5fa0}"
    ".p{fill:#a9adb5}.r{stroke:#2b2d33;stroke-width:1.5}.g{stroke:#d9d9d4}.l{fill:none;stroke-width:2.5}"
    "@media(prefers-color-scheme:dark){text{fill:#e8e6e1}.o{fill:#7aa7e0}.p{fill:#6b7078}.r{stroke:#e8e6e1}"
    ".g{stroke:#3a3d44}}</style>"
)
_COLOURS = ("#2d5fa0", "#c06c00", "#2e7d50", "#7e468c")


def svg(finding: Finding) -> str:
    """The picture of a finding: bars, each with its range, or curves over two logarithmic axes."""
    return _bars(finding) if finding.bars else _curves(finding)


def _bars(finding: Finding) -> str:
    most = max(bar.high for bar in finding.bars) or 1.0
    room = WIDTH - LABELS - 90
    parts = [_open(finding, 50 + ROW * len(finding.bars))]
    for place, bar in enumerate(finding.bars):
        y = 42 + place * ROW
        low, high = (LABELS + room * edge / most for edge in (bar.low, bar.high))
        parts += [
            f'<text x="{LABELS - 10}" y="{y + 15}" text-anchor="end">{escape(bar.label)}</text>',
            f'<rect x="{LABELS}" y="{y}" width="{room * bar.value / most:.1f}" height="20" rx="3"'
            f' class="{"o" if bar.is_own else "p"}"/>',
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + 10}" y2="{y + 10}" class="r"/>',
            f'<text x="{high + 8:.1f}" y="{y + 15}">{bar.value:,.0f}</text>',
        ]
    return "\n".join((*parts, "</svg>", ""))


def _curves(finding: Finding) -> str:
    height, left, top = 320, 80, 48
    xs = [log10(x) for line in finding.lines for x, _ in line.points]
    ys = [log10(y) for line in finding.lines for _, y in line.points]
    first, last, bottom, peak = min(xs), max(xs), floor(min(0.0, *ys)), ceil(max(1.0, *ys))

    def at(x: float, y: float) -> tuple[float, float]:
        across = (log10(x) - first) / ((last - first) or 1.0)
        up = (log10(y) - bottom) / ((peak - bottom) or 1.0)
        return left + across * (WIDTH - left - 140), top + (1 - up) * (height - top - 40)

    parts = [_open(finding, height)]
    for power in range(bottom, peak + 1):
        _, y = at(10**first, 10**power)
        parts.append(f'<line x1="{left}" x2="{WIDTH - 140}" y1="{y:.1f}" y2="{y:.1f}" class="g"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{10**power:,}</text>')
    for x in sorted({x for line in finding.lines for x, _ in line.points}):
        across, _ = at(x, 10**bottom)
        parts.append(f'<text x="{across:.1f}" y="{height - 18}" text-anchor="middle">{x:,.0f}</text>')
    for line, colour in zip(finding.lines, _COLOURS * len(finding.lines), strict=False):
        places = [at(x, y) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" class="l" stroke="{colour}"/>')
        parts.append(f'<text x="{places[-1][0] + 8:.1f}" y="{places[-1][1] + 4:.1f}">{escape(line.label)}</text>')
    return "\n".join((*parts, "</svg>", ""))


def _open(finding: Finding, height: int) -> str:
    unit = f" ({finding.unit})" if finding.unit else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">{_STYLE}'
        f'<text x="8" y="22" class="t">{escape(finding.title)}{escape(unit)}</text>'
    )
