"""The fields of a person as they are typed, and what is wrong beside which of them."""

from __future__ import annotations

from collections.abc import Mapping

from autosync import texts
from autosync.contacts import add_contact
from autosync.database.people import Contact, NewContact
from autosync.database.pool import Connection
from autosync.model import Refused
from autosync.phone_numbers import UntextableNumber
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.forms import Form

LONGEST = {"first_name": 100, "last_name": 100, "phone_number": 50, "email": 320}
"""Characters of each field, as in the API."""

Typed = Mapping[str, str]


class PersonProblem(Exception):
    """The person cannot be written. `problems`: a sentence by field name."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(next(iter(problems.values()), ""))
        self.problems = problems


def read_person(form: Form) -> Typed:
    """The fields as they were typed."""
    return {name: form.text(name) for name in LONGEST}


def check_person(typed: Typed) -> None:
    """Raises PersonProblem for a missing first name, and for anything that is too long."""
    problems = {
        name: f"This has {len(typed[name])} characters; {most} are the most."
        for name, most in LONGEST.items()
        if len(typed.get(name, "")) > most
    }
    if not texts.clean(typed["first_name"]):
        problems["first_name"] = "Say what they are called."
    if problems:
        raise PersonProblem(problems)


async def add_person(me: SignedIn, connection: Connection, typed: Typed) -> tuple[Contact, bool]:
    """The new contact, or the one who has this number already, and whether it is new. Raises PersonProblem."""
    check_person(typed)
    new = NewContact(typed["first_name"], typed["last_name"], typed["phone_number"], typed["email"] or None)
    try:
        return await add_contact(connection, new, organizer_id=me.id, region=me.api.region)
    except (UntextableNumber, Refused) as error:
        raise PersonProblem({"phone_number": str(error)}) from error
