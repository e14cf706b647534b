"""Problem details (RFC 9457): one shape for everything that is not an answer."""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboards.answers.errors import AnswerError, Fault
from spaces.mistakes import LONGEST, did_you_mean, shown
from store.protocol import StoreError

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)
_QUOTED = re.compile(r"'([^']*)'")
_STATUS = {
    Fault.ARGUMENT: HTTPStatus.UNPROCESSABLE_ENTITY,
    Fault.MISSING: HTTPStatus.NOT_FOUND,
    Fault.FULL: HTTPStatus.CONFLICT,
    Fault.UNREADABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""What an answer that cannot be given is over HTTP."""


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """What is wrong with a request, or with us, in a sentence that says what would be right.

    `wrong` lists each query parameter with what is wrong with it; it becomes `errors` in the body. `failing` lists
    parts of ours that fail, by name.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        wrong: Sequence[tuple[str, str]] = (),
        failing: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.wrong = tuple(wrong)
        self.failing = tuple(failing)
        self.headers = dict(headers or {})


def wrong_parameter(name: str, detail: str) -> Problem:
    """Return the problem of one query parameter."""
    return wrong_parameters([(name, detail)])


def wrong_parameters(wrong: Sequence[tuple[str, str]]) -> Problem:
    """Return the problem of several query parameters at once."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(f"{name}: {detail}" for name, detail in wrong), wrong=wrong
    )


def response(problem: Problem) -> Response:
    """Return a problem as it goes out."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail,
    }
    if problem.wrong:
        body["errors"] = [{"parameter": name, "detail": detail} for name, detail in problem.wrong]
    if problem.failing:
        body["failing"] = [{"part": name, "detail": detail} for name, detail in problem.failing]
    # Said here too: what nobody expected leaves outside of the middleware that says it elsewhere.
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **problem.headers}
    return Response(msgspec.json.encode(body), problem.status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let every error of an app leave as problem details, without a traceback."""

    def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return response(error)

    def on_answer(_: Request, error: Exception) -> Response:
        assert isinstance(error, AnswerError)
        return response(Problem(_STATUS[error.fault], error.detail, wrong=error.wrong))

    def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        known = _parameters(app, request)
        return response(wrong_parameters([_said(item, known) for item in error.errors()]))

    def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return response(_of_http(request, error))

    def on_store(_: Request, error: Exception) -> Response:
        _LOG.warning("the store failed: %s", error)
        return response(Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"The store cannot be read now: {error}"))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(AnswerError, on_answer)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(StoreError, on_store)
    app.add_exception_handler(Exception, _on_bug)


def _on_bug(_: Request, __: Exception) -> Response:
    """Answer for what nobody expected; the server logs its traceback, the answer has none.

    The server closes the connection afterwards: said, so that a client does not ask again on it.
    """
    detail = "This is a fault of ledig; its log says more."
    return response(Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, headers={"Connection": "close"}))


def _of_http(request: Request, error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status is HTTPStatus.NOT_FOUND:
        return Problem(status, f"There is nothing at {shown(request.url.path)}; /openapi.json lists what there is.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = sorted({"HEAD", *_methods(headers)})
        headers = {**headers, "Allow": ", ".join(allowed)}
        return Problem(status, f"{shown(request.method)} is not for this address; use {allowed[0]}.", headers=headers)
    return Problem(status, str(error.detail), headers=headers)


def _methods(headers: Mapping[str, str]) -> list[str]:
    allow = next((value for name, value in headers.items() if name.lower() == "allow"), "GET")
    return [method.strip() for method in allow.split(",")]


def _parameters(app: FastAPI, request: Request) -> list[str]:
    """Return the query parameters that a route is documented to take."""
    path = getattr(request.scope.get("route"), "path", "")
    listed = app.openapi()["paths"].get(path, {}).get("get", {}).get("parameters", [])
    return [item["name"] for item in listed if item["in"] == "query"]


def _said(item: Mapping[str, Any], known: Sequence[str]) -> tuple[str, str]:
    """Turn one finding of the validation into (parameter, what is wrong with it)."""
    name = str(item["loc"][-1])
    if item["type"] == "extra_forbidden":
        hint = did_you_mean(name, known) if known else "; it takes none"
        return shown(name), f"is no parameter of this address{hint}"
    given = str(item.get("input"))
    if item["type"] == "literal_error":
        return name, f"{shown(given)!r} is unknown{did_you_mean(given[:LONGEST], _QUOTED.findall(_expected(item)))}"
    return name, f"{shown(given)!r} is refused: {item['msg']}"


def _expected(item: Mapping[str, Any]) -> str:
    return str(item.get("ctx", {}).get("expected", ""))
