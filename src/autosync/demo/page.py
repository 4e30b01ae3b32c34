"""`/demo`: everybody's phone side by side, a clock to move ahead, and what the jobs do meanwhile; live.

It is there in `autosync demo` alone, on an address of this machine, and whoever reaches that plays. Forms are taken
from the page itself only. Nothing on it is staged: texts come from the outbox, answers go through the inbox.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup, escape

from autosync import inbox, syncs
from autosync.database import clock, jobs
from autosync.database.demo import all_answers, clear
from autosync.database.pool import Connection, Pool, again_if_overtaken
from autosync.demo import friends
from autosync.demo.cast import CREW, NUMBERS, ORGANIZER, ORGANIZERS_NUMBER, REGION, ZONE, plan, seat
from autosync.demo.hints import READY
from autosync.demo.scene import Scene, read_scene
from autosync.invitee_links import PATH, Links
from autosync.sign_in import OPERATORS_SESSION_LIVES, SESSION_LIVES, SignIn
from autosync.web.errors import NotAllowedError
from autosync.web.pages import words
from autosync.web.pages.cookies import keep_session
from autosync.web.pages.forms import Form, read_form
from autosync.web.pages.layout import PageRoute, app_page, rendered
from autosync.web.pages.live import LiveRoute, stream
from autosync.web.pages.same_origin import refuse_other_origins
from autosync.web.pages.visitor import see
from autosync.worker import Worker

EVERY = 0.5
"""Seconds after which the scene is read again, for as long as somebody looks."""

LONGEST_TEXT = 1600
"""Characters that a phone sends in one text, as Twilio takes them."""

STEPS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}

_PHONES = {ORGANIZER: ORGANIZERS_NUMBER, **NUMBERS}


class Stage:
    """What the page plays on: the demo's own database, its worker, and who is on it now."""

    def __init__(self, *, pool: Pool, worker: Worker, links: Links, address: str, operator_key: str) -> None:
        self.pool = pool
        self.worker = worker
        self.links = links
        self.address = address
        self.operator_key = operator_key
        self.organizer: UUID | None = None

    async def set_up(self) -> None:
        """Empties the stage and seats everybody, at ten in the morning."""

        async def over() -> UUID:
            async with self.pool.connection() as connection, connection.transaction():
                await clear(connection)
                await clock.activate(connection, "production")
                return await seat(connection)

        self.organizer = await again_if_overtaken(over)

    def linked(self, body: str) -> Markup:
        """The text as markup, in which the link to an invitee's page can be followed."""
        start = f"{self.address}{PATH}"
        before, found, token = body.rpartition(start)
        if not found or self.links.read(token) is None:
            return escape(body)
        link = Markup('<a href="{}" target="_blank" rel="noopener">{}</a>').format(f"{PATH}{token}", start + token)
        return escape(before) + link


def create_router(stage: Stage) -> APIRouter:
    """The page, its forms, and its news."""
    router = _new_router()

    @router.get("/demo")
    async def show() -> Response:
        """The page."""
        scene = await _read(stage)
        return app_page(
            "demo.html",
            live="/live/demo",
            scene=scene,
            fragments=_fragments(stage, scene),
            crew=CREW,
            longest=LONGEST_TEXT,
        )

    @router.post("/demo/start")
    async def start() -> Response:
        """Maya starts the next of the plans that are ready."""
        async with stage.pool.connection() as connection:
            scene = await read_scene(connection)
            if scene.sync is not None and not scene.sync.status.is_final:
                raise NotAllowedError(409, "A plan is under way already; Maya's pages can start more.")
            assert stage.organizer is not None, "the stage is set up before it is shown"  # noqa: S101
            made = await plan(connection, stage.organizer, *READY[scene.started % len(READY)])
            await syncs.start(connection, made, region=REGION, links=stage.links)
        stage.worker.wake()
        return see("/demo")

    @router.post("/demo/say")
    async def say(request: Request) -> Response:
        """Somebody texts what was typed."""
        form = await read_form(request)
        name, said = _who(form), form.text("words")[:LONGEST_TEXT]
        if said:
            await _hear(stage, name, said)
        return see(f"/demo#{_anchor(name)}")

    @router.post("/demo/answer")
    async def answer(request: Request) -> Response:
        """A friend answers by himself."""
        name = _who(await read_form(request))
        async with stage.pool.connection() as connection:
            scene = await read_scene(connection)
            before = sum(a.phone_number == _PHONES[name] for a in await all_answers(connection))
        asked = next((phone.can_answer for phone in scene.phones if phone.name == name), False)
        if scene.sync is None or not asked or name == ORGANIZER:
            raise NotAllowedError(409, f"{name} has not been asked anything that is still open.")
        await _hear(stage, name, friends.says(name, options=len(scene.sync.options), answered=before))
        return see(f"/demo#{_anchor(name)}")

    @router.post("/demo/clock")
    async def move(request: Request) -> Response:
        """Moves the clock: by a minute, by an hour, or to what happens next."""
        ahead = (await read_form(request)).text("ahead")
        async with stage.pool.connection() as connection:
            step = STEPS.get(ahead) or await _until_next(connection)
            if step:
                await clock.move_ahead(connection, step)
        stage.worker.wake()
        return see("/demo")

    @router.post("/demo/over")
    async def start_over() -> Response:
        """From the beginning."""
        await stage.set_up()
        return see("/demo")

    return router


def create_ways_in(stage: Stage) -> APIRouter:
    """The ways from the demo to the real pages, for each of which one has to be somebody."""
    router = _new_router()

    @router.post("/demo/organizer")
    async def as_organizer(request: Request) -> Response:
        """Maya's own pages, signed in."""
        sign_in: SignIn = request.app.state.sign_in
        assert stage.organizer is not None, "the stage is set up before it is shown"  # noqa: S101
        token = await sign_in.redeem_link(await sign_in.make_link(stage.organizer))
        response = see("/")
        keep_session(request, response, "organizer", token, SESSION_LIVES)
        return response

    @router.post("/demo/operator")
    async def as_operator(request: Request) -> Response:
        """The operators' page, signed in."""
        sign_in: SignIn = request.app.state.sign_in
        token = await sign_in.redeem_operator_key(stage.operator_key)
        response = see("/ops")
        keep_session(request, response, "operator", token, OPERATORS_SESSION_LIVES)
        return response

    return router


def create_live_router(stage: Stage) -> APIRouter:
    """What has changed, a moment after it has."""
    router = APIRouter(route_class=LiveRoute, include_in_schema=False)

    async def anybody(_: Request) -> bool:
        return True

    @router.get("/live/demo")
    async def news(request: Request) -> Response:
        """The fragments that are other ones now."""

        async def render() -> dict[str, Markup]:
            return _fragments(stage, await _read(stage))

        return stream(request, render, every=EVERY, may_look=anybody)

    return router


def _new_router() -> APIRouter:
    return APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[Depends(refuse_other_origins)])


async def _read(stage: Stage) -> Scene:
    async with stage.pool.connection() as connection:
        return await read_scene(connection)


async def _hear(stage: Stage, name: str, said: str) -> None:
    async with stage.pool.connection() as connection:
        text = inbox.InboundText("record", str(uuid4()), _PHONES[name], said)
        await inbox.receive(connection, text, region=REGION, links=stage.links)
    stage.worker.wake()


async def _until_next(connection: Connection) -> timedelta | None:
    """How long until the next job or text that is not due yet; None: nothing is to come."""
    due = await jobs.next_due(connection)
    ahead = min((at for at in (due.job, due.text) if at and at > due.now), default=None)
    return None if ahead is None else ahead - due.now


def _who(form: Form) -> str:
    name = form.text("who")
    if name not in _PHONES:
        raise NotAllowedError(422, "There is nobody of this name in the demo.")
    return name


def _anchor(name: str) -> str:
    return f"phone-{CREW.index(name) + 1 if name in CREW else 0}"


def _fragments(stage: Stage, scene: Scene) -> dict[str, Markup]:
    shown = {"scene": scene, "clock": _clock, "day": _day, "linked": stage.linked, "job_words": words}
    fragments = {f"f-{name}": rendered(f"demo_{name}.html", **shown) for name in ("clock", "hint", "jobs")}
    for phone in scene.phones:
        fragments[f"f-{_anchor(phone.name)}"] = rendered(
            "demo_phone.html", phone=phone, anchor=_anchor(phone.name), **shown
        )
    return fragments


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%-I:%M %p}"


def _day(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%a %b %-d}"
