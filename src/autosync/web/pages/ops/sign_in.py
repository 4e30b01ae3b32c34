"""`/ops/sign-in`: the operator key opens a session of some hours; `/ops/sign-out` ends it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from autosync.model import Refused
from autosync.sign_in import OPERATORS_SESSION_LIVES
from autosync.web.pages.cookies import forget_session, keep_session, read_session
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.ops.operator import OperatorsSignIn, is_operator
from autosync.web.pages.visitor import see

router = APIRouter(route_class=PageRoute, include_in_schema=False, prefix="/ops")


@router.get("/sign-in")
async def ask_key(request: Request, _: OperatorsSignIn) -> Response:
    """The form for the key."""
    return see("/ops") if await is_operator(request) else _key_page()


@router.post("/sign-in")
async def take_key(request: Request, sign_in: OperatorsSignIn) -> Response:
    """Opens a session for the right key. What was typed is not shown again."""
    form = await read_form(request)
    key = form.text("key")
    if not key:
        return _key_page("Type the operator key.", status=422)
    try:
        token = await sign_in.redeem_operator_key(key)
    except Refused as error:
        return _key_page(f"{error} It is what AUTOSYNC_OPERATOR_KEY is set to, where this runs.", status=403)
    response = see("/ops")
    keep_session(request, response, "operator", token, OPERATORS_SESSION_LIVES)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, sign_in: OperatorsSignIn) -> Response:
    """Ends the session here and in the database."""
    token = read_session(request, "operator")
    if token:
        await sign_in.sign_out(token)
    response = see("/ops/sign-in")
    forget_session(request, response, "operator")
    return response


def _key_page(problem: str | None = None, *, status: int = 200) -> Response:
    return app_page("ops_sign_in.html", status=status, problem=problem)
