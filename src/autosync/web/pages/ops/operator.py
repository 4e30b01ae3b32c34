"""Who operates: `Operator` in a page's signature is somebody with a session of the operator key; all others are sent
to sign in. An organizer's session opens nothing here.

What is shown is read by `looking()`, in a transaction that cannot write; verbs that repair get `acting()`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from autosync.database import review
from autosync.database.pool import Connection
from autosync.sign_in import SignIn
from autosync.web.api.signed_in import Api
from autosync.web.errors import NotAllowedError
from autosync.web.pages.cookies import read_session
from autosync.web.pages.layout import ToOtherPage
from autosync.web.pages.same_origin import refuse_other_origins

THE_PAGE = "an operator, by the page"
"""Who has done it: operators share one key, so no more can be known of them."""


@dataclass(frozen=True, slots=True)
class OperatorsAccess:
    """What an operator can reach."""

    api: Api

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[Connection]:
        """One transaction that cannot write, and in which no statement takes longer than ten seconds."""
        async with self.api.pool.connection() as connection, connection.transaction():
            await review.begin(connection)
            yield connection

    def acting(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for the operators' verbs."""
        return self.api.pool.connection()


async def is_operator(request: Request) -> bool:
    """Whether the request carries a session of an operator."""
    sign_in: SignIn = request.app.state.sign_in
    token = read_session(request, "operator")
    return bool(token) and await sign_in.is_operator(token or "")


def require_operators(request: Request) -> SignIn:
    """How operators sign in, for a form of our own page. Raises NotAllowedError: 404 where there is no key for them."""
    sign_in: SignIn = request.app.state.sign_in
    if not sign_in.has_operators:
        raise NotAllowedError(404, "There is no such page.")
    refuse_other_origins(request)
    return sign_in


async def _require_operator(request: Request, _: Annotated[SignIn, Depends(require_operators)]) -> OperatorsAccess:
    if not await is_operator(request):
        raise ToOtherPage("/ops/sign-in")
    return OperatorsAccess(request.app.state.api)


Operator = Annotated[OperatorsAccess, Depends(_require_operator)]
OperatorsSignIn = Annotated[SignIn, Depends(require_operators)]
