"""What every command shares: settings, the database, the gateways, and the way from a command into async code."""

from __future__ import annotations

import asyncio
import gc
import getpass
import os
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

import structlog

from autosync.database import embedded, interventions, messages, migrate, people
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import Gateway
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.invitee_links import Links
from autosync.meters import Meters
from autosync.model import Refused, Unusable
from autosync.processor import Processor
from autosync.settings import PREFIX, Settings, SettingsError
from autosync.traces import Traces
from autosync.worker import Worker

if TYPE_CHECKING:
    # What few commands need is imported where they need it: together it takes longer than most commands.
    from autosync.calendar_connections import CalendarConnections
    from autosync.calendar_consent import Envelope
    from autosync.calendar_tokens import CalendarTokens
    from autosync.calendars.google import GoogleCalendar
    from autosync.free_times import FreeTimes
    from autosync.inviter import Inviter
    from autosync.sign_in import SignIn
    from autosync.web.api.signed_in import Api
    from autosync.web.tokens import Tokens
    from autosync.web.webhooks import TwilioWebhooks

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_SPAN = re.compile(r"(\d{1,5})\s*([smhd])")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the program. `given_url`: from --database-url or DATABASE_URL; none: the embedded server.

    A wrong setting is an error for whoever needs the settings or the database, and for nobody else.
    """

    given_settings: Settings | SettingsError
    given_url: str | None
    debug: bool
    meters: Meters = field(default_factory=Meters, init=False, repr=False)
    _gateways: dict[str, Gateway] = field(default_factory=dict, init=False, repr=False)
    _googles: list[GoogleCalendar] = field(default_factory=list, init=False, repr=False)
    _connections: list[CalendarConnections] = field(default_factory=list, init=False, repr=False)
    _traces: list[Traces] = field(default_factory=list, init=False, repr=False)

    @property
    def settings(self) -> Settings:
        """The settings. Raises SettingsError where one is wrong."""
        if isinstance(self.given_settings, SettingsError):
            raise self.given_settings
        return self.given_settings

    @property
    def is_embedded(self) -> bool:
        """Whether the database is the program's own."""
        return self.given_url is None

    @property
    def log_level(self) -> str:
        """From which level on a long-running command logs."""
        return "debug" if self.debug else self.settings.log_level

    def url(self) -> str:
        """The connection string; starts the embedded server where none was given. Raises SettingsError."""
        settings = self.settings
        if self.given_url is not None:
            return self.given_url
        return embedded.start(settings.data_dir or embedded.default_folder())

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """One connection to a database with the newest schema. Raises Refused where the schema is older."""
        async with connect(self.url()) as opened:
            await self._require_schema(opened)
            yield opened

    @asynccontextmanager
    async def bare_connection(self) -> AsyncIterator[Connection]:
        """One connection to the database, whatever its schema."""
        async with connect(self.url()) as opened:
            yield opened

    @asynccontextmanager
    async def pool(self) -> AsyncIterator[Pool]:
        """A pool on a database with the newest schema. Raises Refused where the schema is older.

        Gateways that were used meanwhile are closed at its end, and so is Google.
        """
        url = self.url()
        async with connect(url) as opened:
            await self._require_schema(opened)
        async with open_pool(url) as opened_pool:
            try:
                yield opened_pool
            finally:
                await self._close_gateways()

    @asynccontextmanager
    async def sending_pool(self) -> AsyncIterator[Pool]:
        """The same for whoever sends, or asks the gateway. Raises Refused as `require_gateway` does, too."""
        async with self.pool() as opened_pool:
            async with opened_pool.connection() as connection:
                await self.require_gateway(connection)
            yield opened_pool

    async def require_gateway(self, connection: Connection) -> None:
        """Raises Refused where nobody has set a gateway, and the latest texts left through another than the default.

        In a shell without the deployment's settings texts would count as sent that went nowhere.
        """
        if "gateway" in self.settings.model_fields_set:
            return
        last = await messages.find_last_gateway(connection)
        if last is not None and last != self.settings.gateway:
            raise Refused(
                f"The last texts of this database left through {last}, and {PREFIX}GATEWAY is not set here: run this"
                f" with the deployment's settings, or set {PREFIX}GATEWAY={self.settings.gateway} if texts are to be"
                " kept and not sent."
            )

    async def _require_schema(self, connection: Connection) -> None:
        if self.is_embedded:
            await migrate.migrate(connection)
        elif missing := await migrate.pending(connection):
            raise Refused(f"The database lacks {len(missing)} migration(s): run `autosync migrate` first.")

    @property
    def traces(self) -> Traces:
        """Where spans go: to the collector of the settings, if there is one."""
        if not self._traces:
            endpoint = self.settings.otlp_endpoint
            self._traces.append(Traces.to(endpoint) if endpoint else Traces.off())
        return self._traces[0]

    def gateways(self) -> dict[str, Gateway]:
        """Every gateway that is set up, by name, also those that do not send now: their texts can be looked up."""
        if not self._gateways:
            opened = (RecordGateway(), _twilio(self.settings))
            self._gateways.update({gateway.name: gateway for gateway in opened if gateway is not None})
        return self._gateways

    async def _close_gateways(self) -> None:
        for gateway in self._gateways.values():
            await gateway.close()
        self._gateways.clear()
        for google in self._googles:
            await google.close()
        self._googles.clear()
        self._connections.clear()
        await asyncio.to_thread(self.traces.close)

    def dispatcher(self, pool: Pool) -> Dispatcher:
        """A dispatcher that sends through the gateway of the settings."""
        return Dispatcher(
            pool=pool,
            gateways=self.gateways(),
            gateway=self.settings.gateway,
            region=self.settings.default_region,
            rates=self.settings.rates,
            meters=self.meters,
            traces=self.traces,
        )

    def warn_of_settings(self) -> None:
        """Says in the log which settings do nothing, because another one that they need is missing."""
        if self.settings.link_secrets and self.settings.links_in_texts and self.settings.public_url is None:
            log.warning(
                "links_left_out",
                why="AUTOSYNC_LINK_SECRET is set, but AUTOSYNC_PUBLIC_URL is not, so that no text ends with a link",
                remedy="set AUTOSYNC_PUBLIC_URL, or AUTOSYNC_LINKS_IN_TEXTS=false if that is meant",
            )

        if self.settings.google_client_id and self.settings.public_url is None:
            log.warning(
                "calendars_not_in_pages",
                why="Google is set up, but AUTOSYNC_PUBLIC_URL is not: nobody can connect a calendar in the pages",
                remedy="set AUTOSYNC_PUBLIC_URL, and tell Google's console of it: see docs/calendars.md",
            )

    def links(self) -> Links | None:
        """The links to invitees' pages; None where no secret is set to sign them with."""
        secrets = self.settings.link_secrets
        return Links(self.settings.public_url, secrets, in_texts=self.settings.links_in_texts) if secrets else None

    def processor(self, pool: Pool) -> Processor:
        """A processor whose texts have the links of the settings."""
        return Processor(pool=pool, links=self.links(), meters=self.meters, traces=self.traces)

    def twilio_webhooks(self) -> TwilioWebhooks | None:
        """How Twilio's own requests are checked; None where no auth token is set."""
        from autosync.web.webhooks import TwilioWebhooks  # noqa: PLC0415 - see above

        if self.settings.twilio_auth_token is None:
            return None
        return TwilioWebhooks(
            auth_token=self.settings.twilio_auth_token,
            public_url=self.settings.public_url,
            region=self.settings.default_region,
            links=self.links(),
            traces=self.traces,
        )

    def tokens(self) -> Tokens:
        """How the tokens of people and of the service are verified."""
        from autosync.web.signing_keys import SigningKeys  # noqa: PLC0415 - see above
        from autosync.web.tokens import Tokens  # noqa: PLC0415 - see above

        keys = SigningKeys(self.settings.jwks_url) if self.settings.jwks_url else None
        return Tokens(secret=self.settings.jwt_secret, keys=keys)

    def organizers_api(self, pool: Pool, worker: Worker | None) -> Api:
        """What the API for organizers works with; `worker`: the one to wake, if it is in this process."""
        from autosync.web.api.signed_in import Api  # noqa: PLC0415 - see above

        return Api(
            pool=pool,
            region=self.settings.default_region,
            price_per_segment=self.settings.price_per_segment,
            currency=self.settings.currency,
            wake=worker.wake if worker else lambda: None,
            links=self.links(),
            public_url=self.settings.public_url,
            connections=self.calendar_connections(pool),
            envelope=self._envelope(),
        )

    def sign_in(self, pool: Pool) -> SignIn:
        """How people get in to the pages; codes go through the gateway of the settings."""
        from autosync.sign_in import SignIn  # noqa: PLC0415 - see above

        return SignIn(
            pool=pool,
            gateway=self.gateways()[self.settings.gateway],
            region=self.settings.default_region,
            operator_key=self.settings.operator_key,
        )

    def calendar_tokens(self) -> CalendarTokens:
        """People's Google tokens, sealed with the keys of the settings."""
        from autosync.calendar_tokens import CalendarTokens  # noqa: PLC0415 - see above
        from autosync.calendars.seal import Seal  # noqa: PLC0415 - see above

        keys = self.settings.token_keys_in_use
        return CalendarTokens(Seal(keys) if keys else None)

    def google(self) -> GoogleCalendar | None:
        """Google's calendar; None where this program is not known to Google."""
        client_id, client_secret = self.settings.google_client_id, self.settings.google_client_secret
        if client_id is None or client_secret is None:
            return None
        if not self._googles:
            from autosync.calendars.google import GoogleCalendar  # noqa: PLC0415 - see above

            base_url = self.settings.google_base_url
            self._googles.append(GoogleCalendar(client_id=client_id, client_secret=client_secret, base_url=base_url))
        return self._googles[0]

    def calendar_connections(self, pool: Pool) -> CalendarConnections | None:
        """Whose calendars are connected, the same for all who ask; None as in `google`."""
        google = self.google()
        if google is None:
            return None
        if not self._connections:
            from autosync.calendar_connections import CalendarConnections  # noqa: PLC0415 - see above
            from autosync.calendar_losses import CalendarLosses  # noqa: PLC0415 - see above

            public_url = self.settings.public_url
            page = f"{public_url}/calendar" if public_url else None
            losses = CalendarLosses(region=self.settings.default_region, page=page)
            self._connections.append(
                CalendarConnections(pool=pool, tokens=self.calendar_tokens(), google=google, losses=losses)
            )
        return self._connections[0]

    def _envelope(self) -> Envelope | None:
        """What seals the question of consent, with the keys of the tokens; None as in `google`."""
        from autosync.calendar_consent import Envelope  # noqa: PLC0415 - see above
        from autosync.calendars.seal import Seal  # noqa: PLC0415 - see above

        return Envelope(Seal(self.settings.token_keys_in_use)) if self.google() is not None else None

    def free_times(self, pool: Pool) -> FreeTimes:
        """What finds times to propose."""
        from autosync.free_times import FreeTimes  # noqa: PLC0415 - see above

        return FreeTimes(pool=pool, connections=self.calendar_connections(pool), region=self.settings.default_region)

    def worker(self, pool: Pool) -> Worker:
        """A worker with all its parts."""
        return Worker(
            pool=pool,
            processor=self.processor(pool),
            dispatcher=self.dispatcher(pool),
            housekeeping=self.housekeeping(pool),
            inviter=self.inviter(pool),
        )

    def inviter(self, pool: Pool) -> Inviter | None:
        """What puts chosen times into calendars; None as in `google`."""
        connections = self.calendar_connections(pool)
        if connections is None:
            return None
        from autosync.inviter import Inviter  # noqa: PLC0415 - see above

        return Inviter(pool=pool, connections=connections, meters=self.meters)

    def housekeeping(self, pool: Pool) -> Housekeeping:
        """Housekeeping that keeps texts as long as the settings say."""
        days = self.settings.keep_texts_days
        return Housekeeping(pool=pool, keep_texts=None if days is None else timedelta(days=days))


def _twilio(settings: Settings) -> Gateway | None:
    """Twilio, if its settings are complete."""
    account_sid, auth_token = settings.twilio_account_sid, settings.twilio_auth_token
    if not (account_sid and auth_token and (settings.twilio_from or settings.twilio_messaging_service_sid)):
        return None
    from autosync.gateways.twilio import TwilioGateway  # noqa: PLC0415 - the SDK takes a while to load

    return TwilioGateway(
        account_sid=account_sid,
        auth_token=auth_token,
        from_number=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        base_url=settings.twilio_base_url,
        public_url=settings.public_url,
    )


def run(main: Callable[[], Awaitable[Result]]) -> Result:
    """Runs async code from a command."""
    # What is there now stays: looking through it for cycles again and again takes a worker's time, and a batch makes
    # many objects without any.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)

    async def call() -> Result:
        return await main()

    return asyncio.run(call())


def open_session(database_url: str | None, *, debug: bool) -> Session:
    """The session for this run."""
    settings: Settings | SettingsError
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        settings = error  # for who needs them: help, a new key and the list of settings do not
    return Session(settings, database_url or os.environ.get("DATABASE_URL") or None, debug)


async def pick_organizer(connection: Connection, given: str | None) -> UUID:
    """The organizer of this id, or the only one there is. Raises Refused or Unusable."""
    if given is not None:
        organizer_id = as_id(given, "organizer")
        if not await people.find_organizers(connection, organizer_id):
            raise Refused(f"There is no organizer {given}: `autosync organizers list` shows them.")
        return organizer_id
    everyone = await people.find_organizers(connection)
    if len(everyone) == 1:
        return everyone[0].id
    if not everyone:
        raise Refused("There is no organizer yet: `autosync organizers add` makes one.")
    raise Unusable("There are several organizers: say which with --organizer; `autosync organizers list` shows them.")


def as_id(text: str, what: str) -> UUID:
    """The id that this is. Raises Unusable."""
    try:
        return UUID(text)
    except ValueError:
        raise Unusable(
            f"{text!r} is not the id of {'an' if what[0] in 'aeiou' else 'a'} {what}: ids look like {UUID(int=0)}."
        ) from None


def as_span(text: str) -> timedelta:
    """The span that this is, such as `90s`, `30m`, `2h` or `3d`. Raises Unusable."""
    written = _SPAN.fullmatch(text.strip())
    if written is None:
        raise Unusable(f"{text!r} is no span of time: write it as 90s, 30m, 2h or 3d.")
    return int(written[1]) * _UNITS[written[2]]


def as_moment(text: str) -> datetime:
    """The moment (aware) that this is: so long ago, such as `2h`, or such as `2026-12-01 03:00`, in UTC unless it names
    an offset. Raises Unusable.
    """
    if _SPAN.fullmatch(text.strip()):
        return datetime.now(UTC) - as_span(text)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Unusable(f"{text!r} is no moment: write it as 2h (ago) or as 2026-12-01 03:00, in UTC.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def who() -> str:
    """Who runs this command, as the operating system knows them."""
    return f"{getpass.getuser()} on {socket.gethostname()}"


async def note(
    connection: Connection,
    verb: str,
    *,
    sync_id: UUID | None = None,
    subject_id: UUID | None = None,
    details: str | None = None,
) -> None:
    """Notes in the caller's transaction that whoever runs this command has done this by hand. Nothing personal."""
    await interventions.record(connection, verb, [(sync_id, subject_id)], who=who(), details=details)


@asynccontextmanager
async def only_trying(connection: Connection, dry_run: bool) -> AsyncIterator[None]:
    """With `dry_run`, everything is done as ever, and undone at the end."""
    if not dry_run:
        yield
        return
    async with connection.transaction(force_rollback=True):
        yield
