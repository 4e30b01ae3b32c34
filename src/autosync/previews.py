"""A start that has not happened, as a document: texts, who is left out, what it takes up and costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from autosync.segments import Counted, unsupported
from autosync.syncs import Preview

NAMELESS = "a contact without a name"

Recipients = Mapping[tuple[str, Counted], Sequence[str]]
"""Who gets each distinct text."""


def recipients_of(preview: Preview) -> Recipients:
    """Every distinct text once, with the names of all whom it goes to."""
    recipients: dict[tuple[str, Counted], list[str]] = {}
    for text in preview.texts:
        recipients.setdefault((text.body, text.counted), []).append(text.recipient_name or NAMELESS)
    return recipients


def document(preview: Preview, *, price_per_segment: Decimal, currency: str) -> dict[str, Any]:
    """Keys: texts (to, body, encoding, units, segments, forced_by), left_out (name, reason), segments, cost,
    segments_at_most, cost_at_most, currency. Costs are exact to the last digit of the price, as text.
    """
    return {
        "texts": [
            {
                "to": names,
                "body": body,
                "encoding": counted.encoding,
                "units": counted.units,
                "segments": counted.segments,
                "forced_by": unsupported(body),
            }
            for (body, counted), names in recipients_of(preview).items()
        ],
        "left_out": [{"name": name, "reason": reason} for name, reason in preview.left_out],
        "segments": preview.segments_total,
        "cost": f"{preview.segments_total * price_per_segment:f}",
        "segments_at_most": preview.segments_at_most,
        "cost_at_most": f"{preview.segments_at_most * price_per_segment:f}",
        "currency": currency,
    }
