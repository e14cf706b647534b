"""The one shape of problem details, and of answers, asserted the same way everywhere."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx

ROUTES = ("", "/{site}", "/{site}/spaces", "/{site}/status", "/{site}/sensors")
FIGURES = ("/{site}/utilisation", "/{site}/peaks", "/{site}/availability", "/{site}/heatmap", "/{site}/planning")
DAYS = ("/{site}/sessions", "/{site}/rooms/mix", "/{site}/bookings")
"""Of the figures over whole days, one of each kind."""


def assert_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Assert that a response is a problem as RFC 9457 has it, and tells no traceback; return its body."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = response.json()
    assert body.keys() <= {"type", "title", "status", "detail", "errors", "failing"}
    assert body["type"] == "about:blank"
    assert body["title"] == HTTPStatus(status).phrase
    assert body["status"] == status
    assert body["detail"]
    for error in body.get("errors", ()):
        assert error.keys() == {"parameter", "detail"}
        assert error["parameter"] in body["detail"]
    assert "Traceback" not in response.text
    assert 'File "' not in response.text
    return body


def assert_instant(text: str) -> None:
    """Assert that a text is a moment of UTC in RFC 3339."""
    assert text.endswith("Z")
    datetime.fromisoformat(text)
