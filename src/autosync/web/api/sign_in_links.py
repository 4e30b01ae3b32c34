"""`POST /api/sign-in-links`: a Supabase app sends its user over to our pages, without a second sign-in."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request, status
from pydantic import BaseModel, Field

from autosync.model import Refused
from autosync.sign_in import LINK_LIVES, SignIn
from autosync.web.api.signed_in import Me
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(prefix="/sign-in-links", tags=["me"], route_class=LimitedRoute)


class SignInLink(BaseModel):
    """A link that signs you in to the pages, once."""

    url: str = Field(description="Open it in the browser; it asks once more before it signs in.")
    expires_at: datetime


@router.post("", summary="Make a sign-in link", status_code=status.HTTP_201_CREATED, responses=problems(404, 409))
async def create_sign_in_link(me: Me, request: Request) -> SignInLink:
    """A link to our pages for whoever is signed in where the token comes from. It works once, for five minutes.

    404 where this service has no pages, 409 for an account without a profile. Whoever has the link gets in: hand it to
    nobody else, and do not log it.
    """
    sign_in: SignIn | None = request.app.state.sign_in
    if sign_in is None:
        raise NotAllowedError(404, "There are no pages here to sign in to.")
    expires_at = datetime.now(UTC) + LINK_LIVES
    try:
        token = await sign_in.make_link(me.id)
    except Refused:
        raise NotAllowedError(409, "Your account has no profile yet; make one first, with PUT /api/me.") from None
    base = me.api.public_url or str(request.base_url)
    return SignInLink(url=f"{base.rstrip('/')}/sign-in/link/{token}", expires_at=expires_at)
