"""Who is signed in, and the database as they see it: what every call of the API begins with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from autosync.calendar_connections import CalendarConnections
from autosync.calendar_consent import Envelope
from autosync.database import own_syncs, people
from autosync.database.as_person import as_person
from autosync.database.people import Contact, Crew
from autosync.database.pool import Connection, Pool
from autosync.free_times import FreeTimes
from autosync.invitee_links import Links
from autosync.web.callers import Person, require_person
from autosync.web.errors import NotAllowedError


@dataclass(frozen=True, slots=True)
class Api:
    """What the API works with. `region`, price and currency: as in settings; `wake`: called when there may be texts.

    `links`: what texts end with, if anything; `public_url`: where people find our pages, None: where they asked.
    `connections`: whose calendars are connected; None: no calendar can be. `envelope`: what seals the question of
    consent; None as before.
    """

    pool: Pool
    region: str
    price_per_segment: Decimal
    currency: str
    wake: Callable[[], None] = lambda: None
    links: Links | None = None
    public_url: str | None = None
    connections: CalendarConnections | None = None
    envelope: Envelope | None = None

    @property
    def can_connect(self) -> bool:
        """Whether people can connect their calendar in the pages."""
        return None not in (self.connections, self.envelope, self.public_url)

    @property
    def free_times(self) -> FreeTimes:
        """What finds times to propose."""
        return FreeTimes(pool=self.pool, connections=self.connections, region=self.region)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person and what they can reach."""

    person: Person
    api: Api

    @property
    def id(self) -> UUID:
        """The person's own id, which is the organizer's."""
        return self.person.id

    def own_rows(self) -> AbstractAsyncContextManager[Connection]:
        """One transaction as the person: row-level security decides what is there."""
        return as_person(self.api.pool, self.person.claims)

    def service(self) -> AbstractAsyncContextManager[Connection]:
        """A connection with the service's rights, for verbs that write texts: first make sure whose the sync is."""
        return self.api.pool.connection()


def _signed_in(request: Request, person: Annotated[Person, Depends(require_person)]) -> SignedIn:
    return SignedIn(person, request.app.state.api)


Me = Annotated[SignedIn, Depends(_signed_in)]


async def require_sync(me: SignedIn, connection: Connection, sync_id: UUID) -> None:
    """Raises NotAllowedError (404) unless the person sees a sync of this id and it is theirs."""
    if not await own_syncs.is_own(connection, me.id, sync_id):
        raise NotAllowedError(404, f"You have no sync {sync_id}.")


async def require_crew(me: SignedIn, connection: Connection, crew_id: UUID) -> Crew:
    """The person's crew of this id. Raises NotAllowedError (404)."""
    for crew in await people.find_crews(connection, me.id, str(crew_id)):
        if crew.id == crew_id:
            return crew
    raise NotAllowedError(404, f"You have no crew {crew_id}.")


async def require_contact(me: SignedIn, connection: Connection, contact_id: UUID) -> Contact:
    """The person's contact of this id. Raises NotAllowedError (404)."""
    contact = await people.find_contact(connection, me.id, contact_id)
    if contact is None:
        raise NotAllowedError(404, f"You have no contact {contact_id}.")
    return contact
