"""How it stands with a chosen time in the organizer's calendar, in one sentence for the organizer. Pure.

`standing(…)` is what pages, the API and the command line say alike; `explanations` tells an operator more.
"""

from __future__ import annotations

from autosync.model import Delivery, EventStatus

_IN_THE_CALENDAR = {
    EventStatus.CONFIRMED: "In your Google Calendar. Everyone with an e-mail address was invited there, too.",
    EventStatus.TENTATIVE: "In your Google Calendar, as tentative.",
    EventStatus.CANCELLED: "Taken out of your Google Calendar.",
}
_ON_ITS_WAY = {
    EventStatus.CONFIRMED: "On its way to your Google Calendar.",
    EventStatus.TENTATIVE: "About to be tentative in your Google Calendar.",
    EventStatus.CANCELLED: "About to be taken out of your Google Calendar.",
}


def standing(status: EventStatus, delivery: Delivery, reason: str | None, *, is_set_up: bool = True) -> str:
    """One sentence or two. `reason`: what is kept with the event; `is_set_up`: whether Google can be reached at all."""
    match delivery:
        case Delivery.QUEUED | Delivery.SENDING | Delivery.UNKNOWN if not is_set_up:
            return "Calendar files only, because Google Calendar is not set up here."
        case Delivery.SENT if reason is None:
            return _IN_THE_CALENDAR[status]
        case Delivery.SENT:
            return f"As you left it in your Google Calendar: {_lower(reason)}"
        case Delivery.UNKNOWN:
            return "We are looking whether your Google Calendar has it."
        case Delivery.FAILED:
            return f"Calendar files only, because Google did not take it: {_lower(reason)}"
        case Delivery.NONE:
            return f"Calendar files only, because {_lower(reason or 'No calendar is connected.')}"
        case _:
            return _ON_ITS_WAY[status]


def _lower(reason: str | None) -> str:
    """The sentence as the end of another one; a name at its beginning stays as it is."""
    sentence = (reason or "nobody noted why").rstrip(".")
    return f"{sentence if sentence.startswith(('Google', 'I ')) else sentence[:1].lower() + sentence[1:]}."
