"""`ledig figures`: figures written back into InfluxDB, for whoever has Grafana on it already.

A running API is asked, so what is written has passed its disclosure, whatever store it stands on. Every question is
one that a dashboard asks; a point is a row of its answer (docs/design.md, section 6).
"""

import json
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import urllib3
from tqdm import tqdm

from dashboards.grafana.ask import WINDOW, Ask
from dashboards.grafana.build import questions
from ledig.problem import USAGE, CommandError
from ledig.settings import Settings
from ledig.stopping import complain, say, stopped
from ledig.stores import influx_settings
from spaces.times import DAY, HOUR, Millis, parse_instant, rfc3339
from store.influx import InfluxSettings
from store.influx.figures import FigureTags, write_figures
from store.protocol import StoreError

DAYS = 28
AGAIN = 2
"""Days that a later round asks for: late readings change the figures of yesterday."""
EVERY = 300.0
NO_SITE = "-"
"""The tag `site` of what is no site's, as the pipeline is."""
_SECONDS = 120.0
Row = Mapping[str, Any]


class AwayError(Exception):
    """The API does not answer, or lets nobody in."""


class RefusedError(Exception):
    """The API refuses one question."""


def add_figures(command: ArgumentParser) -> None:
    """Add the flags of `ledig figures`."""
    command.add_argument("--api-url", metavar="URL", help="the API to ask (default: host and port of the settings)")
    command.add_argument(
        "--days", type=_days, default=DAYS, metavar="N", help=f"days before now to write at first (default: {DAYS})"
    )
    command.add_argument("--follow", action="store_true", help=f"go on, every {EVERY / 60:.0f} minutes")


def figures(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Write figures until all are written, or with `--follow` until stopped; return the exit status.

    Raises:
        CommandError: the API does not answer at the first round.
        StoreError: InfluxDB does not, at the first round.
        SettingsError: what is needed to write is not set.
    """
    url = arguments.api_url or f"http://{settings.host}:{settings.port}"
    with closing(_Api(url, settings.api_key())) as api:
        writing = Writing(api, influx_settings(settings))
        try:
            written = writing.round(arguments.days, stop)
        except (AwayError, RefusedError) as error:
            raise CommandError(str(error)) from error
        if stop.is_set():
            return stopped("the same command begins again, and writes nothing twice")
        say(f"figures: {written:,} points written to {settings.influxdb_bucket} of {settings.influxdb_url}")
        while arguments.follow and not stop.wait(EVERY):
            _again(writing, stop)
        return USAGE if writing.refused else 0


def _again(writing: "Writing", stop: threading.Event) -> None:
    try:
        writing.round(AGAIN, stop)
    except (AwayError, RefusedError, StoreError) as error:
        complain(f"ledig figures: {error}; again in {EVERY / 60:.0f} minutes")


class _Api:
    """The API, asked over HTTP."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._pool = urllib3.PoolManager(retries=False, timeout=_SECONDS)

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()

    def ask(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Return an answer.

        Raises:
            AwayError: there is none.
            RefusedError: the question is refused.
        """
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


class Question(NamedTuple):
    """One question about one site, or about none."""

    ask: Ask
    site: str

    @property
    def tags(self) -> FigureTags:
        """The tags under which its rows are written."""
        return FigureTags(self.ask.figure, self.site, self.ask.by, self.ask.bucket)

    @property
    def path(self) -> str:
        """Its address."""
        route = self.ask.route
        return route if route.startswith("/") else f"/v1/sites/{self.site}/{route}".rstrip("/")


class Writing:
    """Asks all questions of all sites, and writes what is answered."""

    def __init__(self, api: _Api, influx: InfluxSettings) -> None:
        self._api = api
        self._influx = influx
        self.refused: set[str] = set()
        """What the API has refused, each told of once."""

    def round(self, days: int, stop: threading.Event) -> int:
        """Ask everything once, of so many days; return how many points were written.

        Raises:
            AwayError: the API does not answer.
            RefusedError: it does not list its sites.
            StoreError: InfluxDB does not answer.
        """
        body = self._api.ask("/v1/sites", {})
        now = parse_instant(body["meta"]["generated"])  # its own: a demo's clock is far from ours
        asked = list(_questions([str(row["site"]) for row in body["rows"]]))
        written = 0
        for question in tqdm(asked, desc="figures", unit="question", leave=False, mininterval=0.5):
            if stop.is_set():
                break
            try:
                written += self._write(question, days, now)
            except RefusedError as error:
                self._refuse(str(error))
        return written

    def _refuse(self, told: str) -> None:
        if told not in self.refused:
            complain(f"ledig figures: {told}; the others are written")
        self.refused.add(told)

    def _write(self, question: Question, days: int, now: Millis) -> int:
        ask = question.ask
        # What is about a whole window is asked of the usual one, whatever the round.
        asked = DAYS if ask.bucket == WINDOW else days
        span = {"from": rfc3339(now - asked * DAY)} if ask.spanning else {}
        body = self._api.ask(question.path, {**ask.params, **span})
        return write_figures(self._influx, _points(question, body), question.tags)


def _questions(sites: Sequence[str]) -> Iterator[Question]:
    for ask in questions():
        for site in [NO_SITE] if ask.route.startswith("/") else sites:
            yield Question(ask, site)


def _points(question: Question, body: Mapping[str, Any]) -> Iterator[Row]:
    """Yield rows with a time and a group of their own, and numbers alone.

    A row that has no time of its own is stamped with the hour of the answer: the newest of an hour stays.
    """
    ask = question.ask
    answered = parse_instant(body["meta"]["generated"])
    for row in body["rows"]:
        moment = parse_instant(row["time"]) if row.get("time") else answered // HOUR * HOUR
        group = "/".join(str(row[key]) for key in ask.keys)
        told = {name: _number(value) for name, value in row.items() if name != "partial"}
        yield {**told, "time": moment, "group": group}


def _number(value: object) -> object:
    """Return what is written of a value: whether something is so becomes 1 or 0."""
    return int(value) if isinstance(value, bool) else value


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 400:
        raise ArgumentTypeError(f"{text!r} is no number of days from 1 to 400")
    return int(text)
