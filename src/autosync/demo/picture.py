"""The terminal as a picture (SVG) that asks nothing of any other host: `write(console, path)` draws a recording."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

_THEME = TerminalTheme(
    background=(250, 249, 246),
    foreground=(43, 45, 51),
    normal=[
        (43, 45, 51), (192, 57, 43), (46, 125, 80), (156, 106, 0),
        (45, 95, 160), (126, 70, 140), (20, 120, 130), (120, 122, 128),
    ],
)  # fmt: skip

_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; }}
.{unique_id}-title {{ font: bold 18px system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def write(console: Console, path: Path) -> None:
    """Writes what a console with `record=True` has printed to `path`."""
    svg = console.export_svg(title="make demo", theme=_THEME, code_format=_FORMAT, unique_id="demo")
    path.write_text(svg, encoding="utf-8")
