"""`/sign-in`: a number, then the code that came by text; `/sign-in/link/TOKEN` for whoever was given a link."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.background import BackgroundTask

from autosync.model import Refused, Unusable
from autosync.sign_in import SESSION_LIVES, SignIn
from autosync.web.errors import NotAllowedError
from autosync.web.pages.cookies import forget_session, keep_session, read_session
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page, sentence
from autosync.web.pages.same_origin import refuse_other_origins
from autosync.web.pages.visitor import find_visitor, see
from autosync.web.pages.ways import own_path

router = APIRouter(route_class=PageRoute, include_in_schema=False, dependencies=[Depends(refuse_other_origins)])


def _sign_in(request: Request) -> SignIn:
    found: SignIn = request.app.state.sign_in
    return found


SigningIn = Annotated[SignIn, Depends(_sign_in)]


@router.get("/sign-in")
async def ask_number(request: Request) -> Response:
    """The form for the number."""
    next_ = own_path(request.query_params.get("next"))
    if await find_visitor(request) is not None:
        return see(next_)
    return _number_page(next_)


@router.post("/sign-in")
async def send_code(request: Request, sign_in: SigningIn) -> Response:
    """Keeps a code and asks for it; it is sent after the answer, which is the same for every number."""
    form = await read_form(request)
    number, next_ = form.text("number"), own_path(form.text("next"))
    if not number:
        return _number_page(next_, problem="Type your number, the one that your own texts come to.", status=422)
    try:
        asked = await sign_in.ask_for_code(number)
    except Unusable as error:
        return _number_page(next_, number=number, problem=str(error), status=422)
    except Refused as error:
        return _number_page(next_, number=number, problem=str(error), status=429)
    response = _code_page(asked.id, number, next_)
    response.background = BackgroundTask(sign_in.send, asked)
    return response


@router.post("/sign-in/code")
async def take_code(request: Request, sign_in: SigningIn) -> Response:
    """Opens a session for the right code."""
    form = await read_form(request)
    number, next_ = form.text("number"), own_path(form.text("next"))
    try:
        id_ = UUID(form.text("id"))
    except ValueError:
        return _number_page(next_, problem="Ask for a code first.", status=422)
    try:
        token = await sign_in.redeem_code(id_, form.text("code"))
    except Refused as error:
        return _code_page(id_, number, next_, problem=str(error), status=403)
    return _signed_in(request, token, next_)


@router.get("/sign-in/link/{token}")
async def show_link(token: str, sign_in: SigningIn) -> Response:
    """Asks once more: programs that look at links must not use them up."""
    try:
        name = await sign_in.whose_link(token)
    except Refused as error:
        raise NotAllowedError(410, str(error)) from error
    return app_page("sign_in_link.html", token=token, name=name)


@router.post("/sign-in/link/{token}")
async def take_link(request: Request, token: str, sign_in: SigningIn) -> Response:
    """Opens a session for whom the link was made."""
    try:
        session = await sign_in.redeem_link(token)
    except Refused as error:
        raise NotAllowedError(410, str(error)) from error
    return _signed_in(request, session, "/")


@router.post("/sign-out")
async def sign_out(request: Request, sign_in: SigningIn) -> Response:
    """Ends the session here and in the database."""
    token = read_session(request, "organizer")
    if token:
        await sign_in.sign_out(token)
    response = sentence("You are signed out", "See you next time.", status=200, to="/sign-in")
    forget_session(request, response, "organizer")
    return response


def _signed_in(request: Request, token: str, next_: str) -> Response:
    response = see(next_)
    keep_session(request, response, "organizer", token, SESSION_LIVES)
    return response


def _number_page(next_: str, *, number: str = "", problem: str | None = None, status: int = 200) -> Response:
    return app_page("sign_in.html", status=status, next=next_, number=number, problem=problem)


def _code_page(id_: UUID, number: str, next_: str, *, problem: str | None = None, status: int = 200) -> Response:
    return app_page("sign_in_code.html", status=status, id=id_, number=number, next=next_, problem=problem)
