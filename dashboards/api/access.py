"""Who asks, and what they may: each request is resolved to an `Access` once, and whatever is answered goes by it.

A resolver finds the access of a request, or that it has none; where else people and programs are known from (a proxy,
a sign-in) is another resolver and nothing else. `dashboards.api.keys.Guarded` asks it before anything is routed, and
routes take what it found by one of `MayView`, `MayPlan`, `MayOperate`, `MayWrite`. A request that was never resolved is
refused.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from dashboards.api.problems import Problem

ACCESS = "ledig.access"
"""Key of a request's scope: the access that it was resolved to."""


class Scope(StrEnum):
    """What may be done at a site."""

    VIEW = "view"
    """See it as it is and as it is likely to be: spaces, states, free rooms, forecast, what people wrote down."""
    PLAN = "plan"
    """See how it was used: figures of a window, sizing."""
    OPERATE = "operate"
    """See how sensors and processes are doing."""
    WRITE = "write"
    """Write notes, and acknowledge sensors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request may: at these sites (None: at all, those to come included) what the scopes say.

    `who` asks is for people to read, and decides nothing.
    """

    sites: frozenset[str] | None = None
    scopes: frozenset[Scope] = frozenset(Scope)
    who: str | None = None

    @property
    def kind(self) -> "Access":
        """The access class: what all share who may as much, whoever they are."""
        return replace(self, who=None)

    def may(self, scope: Scope, *, everywhere: bool = False) -> bool:
        """Whether a scope is in it, and where that is asked for, at all sites."""
        return scope in self.scopes and (self.sites is None or not everywhere)


Resolver = Callable[[HTTPConnection], Access | None]
"""Finds the access of a request by what it brings along; None for a stranger. Called on the event loop."""


def anybody(_: HTTPConnection) -> Access:
    """Resolve whatever is asked where no key is set: all may everything."""
    return _EVERYTHING


def access_of(request: HTTPConnection) -> Access | None:
    """Return what a request was resolved to; None for a stranger, as for a request that nobody resolved."""
    found = request.scope.get(ACCESS)
    return found if isinstance(found, Access) else None


def stranger() -> Problem:
    """Return the problem of who brings nothing that gives access."""
    detail = "This ledig asks for its viewer key: send it as `Authorization: Bearer KEY`, or sign in at /sign-in."
    return Problem(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": 'Bearer realm="ledig"'})


def require(scope: Scope, *, everywhere: bool = False) -> Callable[[Request], Awaitable[Access]]:
    """Return a dependency that gives a request's access, and refuses one that lacks a scope, or some of the sites.

    It raises Problem: 401 for a stranger, 403 for who may less.
    """
    where = " at all sites" if everywhere else ""
    detail = f"This takes the right to {scope.value}{where}, which you have not; ask whoever runs this ledig."

    async def check(request: Request) -> Access:
        access = access_of(request)
        if access is None:
            raise stranger()
        if not access.may(scope, everywhere=everywhere):
            raise Problem(HTTPStatus.FORBIDDEN, detail)
        return access

    return check


_EVERYTHING = Access()
MayView = Annotated[Access, Depends(require(Scope.VIEW))]
MayPlan = Annotated[Access, Depends(require(Scope.PLAN))]
MayOperate = Annotated[Access, Depends(require(Scope.OPERATE))]
MayWrite = Annotated[Access, Depends(require(Scope.WRITE))]
