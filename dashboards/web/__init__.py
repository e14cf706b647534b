"""The built-in page: static files of our own, without a build step, served beside the API.

The page asks the API under ``/v1/sites`` like anybody else; nothing here knows a store or a figure.
"""

import mimetypes
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

HERE = Path(__file__).parent
STATIC: Path = HERE / "static"
"""The folder of style sheets, scripts and the icon, served under ``/static``."""
INDEX: Path = HERE / "index.html"

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
"""Nothing from elsewhere, no inline script, no inline style: names from site files stay text."""
_HEADERS = {
    # Always asked for again, answered with 304 by its ETag: an upgrade is seen at once.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Files(StaticFiles):
    """Static files that a browser keeps, and asks about each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_HEADERS)
        return response


def page() -> str:
    """Return the page's HTML."""
    return INDEX.read_text(encoding="utf-8")


def mount(app: FastAPI) -> None:
    """Serve the page at ``/`` and its files under ``/static``.

    A route of the same path that the app already has goes first.
    """
    # Module scripts are refused by browsers under any other type, and Windows' registry may say text/plain.
    mimetypes.add_type("text/javascript", ".js")

    files = _Files(directory=INDEX.parent)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def index(request: Request) -> Response:
        return await files.get_response(INDEX.name, request.scope)

    app.mount("/static", _Files(directory=STATIC), name="static")
