"""How `autosync syncs start --dry-run` shows a start that has not happened: texts, who is left out, what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from autosync.cli.output import say, show_json
from autosync.previews import NAMELESS, document, recipients_of
from autosync.segments import Counted, Encoding, unsupported
from autosync.settings import Settings
from autosync.syncs import Preview

_UNITS = {Encoding.GSM_7: "septets", Encoding.UCS_2: "UTF-16 units"}


def show_preview(preview: Preview, settings: Settings, *, as_json: bool) -> None:
    """Every distinct text once, with whom it goes to; prices are those of the settings, exact to their last digit."""
    if as_json:
        show_json(document(preview, price_per_segment=settings.price_per_segment, currency=settings.currency))
        return
    say("Nothing was written or sent. A start would text:")
    for (body, counted), names in recipients_of(preview).items():
        _say_text(body, counted, names)
    say()
    for name, reason in preview.left_out:
        say(f"Not texted: {name or NAMELESS}: {reason}")
    now, at_most = preview.segments_total, preview.segments_at_most
    say(f"The first texts: {_segments(now)}, {_cost(now, settings):f} {settings.currency}.")
    say(
        f"The whole sync, as an estimate: at most {_segments(at_most)}, {_cost(at_most, settings):f} "
        f"{settings.currency}, if everybody gets one reminder and one invite. Your own reports come on top."
    )


def _say_text(body: str, counted: Counted, names: Sequence[str]) -> None:
    each = " each" if len(names) > 1 else ""
    size = f"{counted.encoding}, {counted.units} {_UNITS[counted.encoding]}"
    say(f"\nTo {', '.join(names)}: {_segments(counted.segments)}{each} ({size})")
    for line in body.split("\n"):
        say(f"    {line}")
    if foreign := unsupported(body):
        say(f"It travels as UCS-2, in which a segment holds less than half, because of: {' '.join(foreign)}")


def _segments(number: int) -> str:
    return "1 segment" if number == 1 else f"{number} segments"


def _cost(segments: int, settings: Settings) -> Decimal:
    return segments * settings.price_per_segment
