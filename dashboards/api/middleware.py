"""Around every request: HEAD as GET without a body, headers that keep browsers strict, and how long it took."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
HEAD = "ledig.head"
"""Key of a request's scope: its body will be thrown away, so one that never ends must not begin."""
OTHER = "other"
"""Label of requests that no route answered: their paths are others' words and must not fill our memory."""


class Measured:
    """Counts requests by route, method and status, and measures the time until the answer begins.

    The time goes out as `Server-Timing` too, so that a client sees how much of what it waited was ours.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self.app = app
        self._count = Counter(
            "ledig_api_requests", "Requests answered", ("route", "method", "status"), registry=registry
        )
        self._seconds = Histogram(
            "ledig_api_request_seconds",
            "Seconds from a request's arrival to the begin of its answer",
            ("route",),
            registry=registry,
            buckets=_BUCKETS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                taken = time.perf_counter() - begun
                self._note(scope, message["status"], taken)
                timing = (b"server-timing", f"app;dur={taken * 1000:.2f}".encode())
                message = {**message, "headers": [*message.get("headers", ()), timing]}
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            self._note(scope, 500, time.perf_counter() - begun)
            raise

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", OTHER)
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._count.labels(route, method, status).inc()
        self._seconds.labels(route).observe(seconds)


class Strict:
    """Sends our headers with whatever does not set them itself, and answers HEAD as GET without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        if head:
            scope = {**scope, "method": "GET", HEAD: True}  # the server's own still says HEAD

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message.get("headers", ())}
                added = [pair for pair in HEADERS if pair[0] not in there]
                message = {**message, "headers": [*message.get("headers", ()), *added]}
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, answer)
