"""`/me`: what an organizer says of themselves, and signing out everywhere."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response

from autosync import texts
from autosync.database import people
from autosync.database.people import Profile
from autosync.model import Refused
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.profile import save_profile
from autosync.sign_in import SignIn
from autosync.web.pages import zones
from autosync.web.pages.cookies import forget_session
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page, sentence
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(prefix="/me", route_class=PageRoute, include_in_schema=False)

_LONGEST = {"first_name": 100, "last_name": 100, "phone_number": 50, "timezone": 64}


@router.get("")
async def show(request: Request, me: Visitor) -> Response:
    """The profile, in a form."""
    async with me.own_rows() as connection:
        found = await people.find_profile(connection, me.id) or Profile(None, None, None, None)
    typed = {
        "first_name": found.first_name or "",
        "last_name": found.last_name or "",
        "phone_number": found.phone_number or "",
        "timezone": found.timezone or "",
    }
    return _page(typed, {}, known=bool(typed["first_name"]), saved="saved" in request.query_params)


@router.post("")
async def save(request: Request, me: Visitor) -> Response:
    """Writes the profile; who has no crew yet is led on to their people."""
    form = await read_form(request)
    typed = {name: form.text(name) for name in _LONGEST}
    problems = _problems(typed, me.api.region)
    if problems:
        return _page(typed, problems, known=True)
    profile = Profile(typed["first_name"], typed["last_name"], typed["phone_number"], typed["timezone"])
    try:
        async with me.own_rows() as connection:
            await save_profile(connection, profile, organizer_id=me.id, region=me.api.region)
            crews = await people.list_crews(connection, me.id)
    except Refused as refusal:
        return _page(typed, {"first_name": str(refusal)}, known=True)
    return see("/me?saved" if crews else "/people")


@router.post("/sign-out-everywhere")
async def sign_out_everywhere(request: Request, me: Visitor) -> Response:
    """Ends all sessions of the visitor, this one too."""
    sign_in: SignIn = request.app.state.sign_in
    await sign_in.sign_out_everywhere(me.id)
    response = sentence("You are signed out everywhere", "See you next time.", status=200, to="/sign-in")
    forget_session(request, response, "organizer")
    return response


def _problems(typed: Mapping[str, str], region: str) -> dict[str, str]:
    problems = {
        name: f"This has {len(typed[name])} characters; {most} are the most."
        for name, most in _LONGEST.items()
        if len(typed[name]) > most
    }
    if not texts.clean(typed["first_name"]):
        problems["first_name"] = "Say your first name: your people read it in every text."
    try:
        to_e164(typed["phone_number"], default_region=region)
    except UntextableNumber as error:
        problems.setdefault("phone_number", str(error))
    try:
        texts.zone(typed["timezone"])
    except ValueError:
        problems["timezone"] = "Choose the city whose clocks are yours."
    return problems


def _page(typed: Mapping[str, str], problems: Mapping[str, str], *, known: bool, saved: bool = False) -> Response:
    return app_page(
        "me.html",
        here="me",
        status=422 if problems else 200,
        typed=typed,
        problems=problems,
        known=known,
        saved=saved,
        zones=zones.with_also("" if "timezone" in problems else typed["timezone"]),
    )
