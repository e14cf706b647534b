"""What requests send: JSON alone, of bounded size, and never what a page of somebody else's sent."""

from http import HTTPStatus
from typing import TypeVar

import msgspec
from fastapi import Request

from dashboards.api.problems import Problem
from spaces.mistakes import shown

T = TypeVar("T", bound=msgspec.Struct)
_LARGEST = 4_096
"""Bytes of a body that are read."""


async def read_body(request: Request, kind: type[T]) -> T:
    """Return what a request says, as a struct that knows its bounds.

    Only JSON is taken, and nothing that a page of somebody else's sent: a browser asks before it sends JSON
    elsewhere, and nobody here answers that.

    Raises:
        Problem: it is refused, with what would be right.
    """
    check_own_page(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"More than {_LARGEST} bytes are not read")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"The body is refused: {shown(str(error))}") from None


def check_own_page(request: Request) -> None:
    """Refuse what a page of another origin asks to be changed.

    Raises:
        Problem: 403.
    """
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Problem(HTTPStatus.FORBIDDEN, "Only ledig's own pages, and programs, may change what is kept")
