"""Answers of a running API, asked over HTTP: where the store is elsewhere, or the clock is a demo's."""

import json
from collections.abc import Mapping
from typing import Any

import urllib3

from dashboards.grafana.ask import Ask
from ledig.asking import Answered, AwayError, RefusedError, Round
from spaces.times import Millis, parse_instant, rfc3339

_SECONDS = 120.0


class ApiAnswers:
    """The API at an address, asked with its viewer key."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._pool = urllib3.PoolManager(retries=False, timeout=_SECONDS)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def begin(self) -> Round:
        """Return its clock, a demo's is far from ours, and its sites.

        Raises:
            AwayError, RefusedError: as `ask`.
        """
        body = self._get("/v1/sites", {})
        return Round(parse_instant(body["meta"]["generated"]), [str(row["site"]) for row in body["rows"]])

    def ask(self, site: str, ask: Ask, start: Millis | None) -> Answered:
        """Return an answer.

        Raises:
            AwayError: there is none.
            RefusedError: the question is refused.
        """
        path = ask.route if ask.route.startswith("/") else f"/v1/sites/{site}/{ask.route}".rstrip("/")
        body = self._get(path, {**ask.params, **({} if start is None else {"from": rfc3339(start)})})
        return Answered(parse_instant(body["meta"]["generated"]), body["rows"])

    def _get(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        try:
            answer = self._pool.request("GET", f"{self._url}{path}", fields=dict(params), headers=self._headers)
            body = json.loads(answer.data)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise AwayError(f"the API at {self._url} does not answer: {error}") from error
        if answer.status == 401:
            raise AwayError(f"the API at {self._url} asks for its viewer key: set api_key_file")
        if answer.status != 200 or not isinstance(body, dict) or "rows" not in body:
            told = body.get("detail") if isinstance(body, dict) else None
            raise RefusedError(f"{path} answers {answer.status}: {told or 'no rows'}")
        return body
