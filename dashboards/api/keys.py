"""The viewer's key: where one is set, nobody sees anything without it.

Programs send it with each request, as ``Authorization: Bearer KEY`` or ``X-API-Key: KEY``. People write it once into a
form (``/sign-in``); what their browser keeps is no key, but a mark derived from it that only this page takes, and
that is void as soon as the key is another one. Open without a key are health, the form, and the files of its looks.
"""

import hashlib
import hmac
import re
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboards.api.access import ACCESS, Access, Resolver, anybody, stranger
from dashboards.api.problems import response
from dashboards.settings import ApiSettings
from dashboards.web import language_of, remember, sign_in_page

COOKIE = "ledig_viewer"
_OPEN = frozenset({"/healthz", "/readyz", "/sign-in"})
_FILES = "/static/"
_DAYS = 90
_LARGEST = 4_096
"""Bytes of a form that are read."""
_NEXT = re.compile(r"(?!/)[A-Za-z0-9_.~/-]*(\?[^#\\\s]*)?")
"""An address of ours, seen from the form: never one that begins with a slash or a scheme."""
_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


class Guarded:
    """Resolves each request to its access, once, and lets those pass that have one, or ask for what is open."""

    def __init__(self, app: ASGIApp, resolver: Resolver, *, form: bool) -> None:
        """Guard an app; `form` says whether there is one that people may sign in by."""
        self.app = app
        self._resolver = resolver
        self._form = form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or say what is missing."""
        if scope["type"] != "http" or scope["path"].startswith(_FILES):
            await self.app(scope, receive, send)
            return
        scope[ACCESS] = self._resolver(HTTPConnection(scope))
        if scope[ACCESS] is not None or scope["path"] in _OPEN:
            await self.app(scope, receive, send)
            return
        await _refusal(scope, form=self._form)(scope, receive, send)


def resolver_for(settings: ApiSettings) -> Resolver:
    """Return what resolves requests as the settings say: by the viewer key, or where there is none, all alike."""
    return viewer_key(settings.key) if settings.key else anybody


def viewer_key(key: str) -> Resolver:
    """Return what gives all there is to a request that brings the key, or the mark that a browser has for it."""
    viewer = Access(who="viewer key")

    def resolve(connection: HTTPConnection) -> Access | None:
        headers = connection.headers
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = [bearer.strip() if scheme.lower() == "bearer" else "", headers.get("x-api-key", "")]
        known = any(_same(text, key) for text in given) or _same(_cookie(headers.get("cookie", "")), mark(key))
        return viewer if known else None

    return resolve


def mark(key: str) -> str:
    """Return what a browser keeps instead of the key."""
    return hmac.new(key.encode(), b"ledig viewer", hashlib.sha256).hexdigest()


def key_routes(key: str) -> APIRouter:
    """Return /sign-in: the form, and what takes it."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in", response_model=None)
    async def form(request: Request) -> Response:
        return _form(request, _safe(request.query_params.get("next", "")))

    @router.post("/sign-in", response_model=None)
    async def sign_in(request: Request) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST:
                return _form(request, "", wrong=True)
        given = parse_qs(body.decode("utf-8", "replace"))
        goal = _safe(given.get("next", [""])[0])
        if not _same(given.get("key", [""])[0].strip(), key):
            return _form(request, goal, wrong=True)
        answer = RedirectResponse(goal or ".", HTTPStatus.SEE_OTHER, {"Cache-Control": "no-store"})
        secure = request.url.scheme == "https"
        answer.set_cookie(COOKIE, mark(key), max_age=_DAYS * 86_400, httponly=True, samesite="lax", secure=secure)
        return answer

    return router


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _cookie(header: str) -> str:
    try:
        found = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _safe(goal: str) -> str:
    return goal if _NEXT.fullmatch(goal) else ""


def _refusal(scope: Scope, *, form: bool) -> Response:
    """Show people the form, where there is one; tell programs what to send."""
    if form and scope["method"] in {"GET", "HEAD"} and "text/html" in Headers(scope=scope).get("accept", ""):
        query = scope["query_string"].decode("latin-1")
        goal = scope["path"].lstrip("/") + (f"?{query}" if query else "")
        up = "../" * (scope["path"].count("/") - 1)  # relative: a proxy may serve us under a path of its own
        return RedirectResponse(f"{up}sign-in?next={quote(goal, safe='')}", HTTPStatus.SEE_OTHER)
    return response(stranger())


def _form(request: Request, goal: str, *, wrong: bool = False) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY, "Vary": "Accept-Language, Cookie"}
    page = sign_in_page(language_of(request), goal, wrong=wrong)
    answer = HTMLResponse(page, HTTPStatus.FORBIDDEN if wrong else HTTPStatus.OK, headers)
    remember(request, answer)
    return answer
