"""The built-in pages: templates, style sheets and scripts of our own, without a build step, served beside the API.

The pages ask the API under ``/v1/sites`` like anybody else; nothing here knows a store or a figure.
"""

import mimetypes

from fastapi import FastAPI, Request
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from dashboards.web.bokehfiles import chart_files, chart_response
from dashboards.web.pages import ADDRESSES, CONTENT_SECURITY_POLICY, STATIC, page, sign_in_page
from dashboards.words import LANGUAGES, chosen

__all__ = ["CONTENT_SECURITY_POLICY", "STATIC", "language_of", "mount", "remember", "sign_in_page"]

COOKIE = "ledig_language"
_YEAR = 365 * 86_400
_HEADERS = {
    # Always asked for again, answered with 304 by its ETag: an upgrade is seen at once.
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class _Files(StaticFiles):
    """Static files that a browser keeps, and asks about each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update({**_HEADERS, "Content-Security-Policy": CONTENT_SECURITY_POLICY})
        return response


def mount(app: FastAPI) -> None:
    """Serve the pages at ``/``, ``/use`` and so on, and their files under ``/static``.

    A route of the same path that the app already has goes first.
    """
    # Module scripts are refused by browsers under any other type, and Windows' registry may say text/plain.
    mimetypes.add_type("text/javascript", ".js")
    for name, address in ADDRESSES.items():
        _serve(app, name, f"/{address.removeprefix('.')}")
    for name in chart_files():
        _serve_charts(app, name)
    app.mount("/static", _Files(directory=STATIC), name="static")


def _serve(app: FastAPI, name: str, path: str) -> None:
    @app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False, name=f"page_{name}", response_model=None)
    async def shown(request: Request) -> Response:
        return _page_response(name, request)


def _serve_charts(app: FastAPI, name: str) -> None:
    path = f"/static/{name}"

    @app.api_route(path, methods=["GET", "HEAD"], include_in_schema=False, name=name, response_model=None)
    async def charts(request: Request) -> Response:
        return chart_response(name, request)


def _page_response(name: str, request: Request) -> Response:
    """Return a page in the reader's language."""
    language = language_of(request)
    found = page(name, language)
    headers = {
        **_HEADERS,
        "Content-Security-Policy": found.policy,
        "Content-Language": language,
        "ETag": found.etag,
        "Vary": "Accept-Language, Cookie",
    }
    if request.headers.get("if-none-match", "").removeprefix("W/") == found.etag:
        response = Response(status_code=304, headers=headers)
    else:
        response = Response(found.html, headers=headers, media_type="text/html")
    remember(request, response)
    return response


def language_of(request: Request) -> str:
    """Return the reader's language: asked for in the address, chosen before, or as the browser wishes."""
    asked = request.query_params.get("lang")
    return chosen(asked or request.cookies.get(COOKIE), request.headers.get("accept-language"))


def remember(request: Request, response: Response) -> None:
    """Let a browser keep the language that was asked for in the address, if there is such a one."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        response.set_cookie(COOKIE, asked, max_age=_YEAR, samesite="lax", httponly=True)
