"""`ledig figures`: figures written back into InfluxDB, for whoever has Grafana on it already.

What is written has been answered and disclosed, in this process or by a running API. Every question is one that a
dashboard asks; a point is a row of its answer (docs/design.md, section 6).
"""

import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NamedTuple

from tqdm import tqdm

from dashboards.grafana.ask import WINDOW, Ask
from dashboards.grafana.build import questions
from ledig.apianswers import ApiAnswers
from ledig.asking import Answered, Answers, AwayError, RefusedError
from ledig.clock import wall_clock
from ledig.problem import USAGE, CommandError
from ledig.settings import Settings
from ledig.sites import sites_to_read
from ledig.stopping import complain, say, stopped
from ledig.storeanswers import StoreAnswers
from ledig.stores import influx_settings, store_to_read
from spaces.summary import counted
from spaces.times import DAY, HOUR, Millis, parse_instant
from store.influx.figures import FigureTags, write_figures
from store.influx.settings import InfluxSettings
from store.protocol import StoreError

DAYS = 28
AGAIN = 2
"""Days that a later round asks for: late readings change the figures of yesterday."""
EVERY = 300.0
NO_SITE = "-"
"""The tag `site` of what is no site's, as the pipeline is."""
NO_COUNTS = (
    "ledig figures: no process is named that takes messages in, so no counts of messages are written; name them by"
    " ingest_urls, or ask a running API with --api-url"
)
Row = Mapping[str, Any]
Opening = Callable[[bool], AbstractContextManager[Answers]]
"""Gives whoever answers a round, which may be one of several: then nothing is said again."""


def add_figures(command: ArgumentParser) -> None:
    """Add the flags of `ledig figures`."""
    command.add_argument("--api-url", metavar="URL", help="a running API to ask (default: the store of the settings)")
    command.add_argument(
        "--days", type=_days, default=DAYS, metavar="N", help=f"days before now to write at first (default: {DAYS})"
    )
    command.add_argument("--follow", action="store_true", help=f"go on, every {EVERY / 60:.0f} minutes")


def figures(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Write figures until all are written, or with `--follow` until stopped; return the exit status.

    Raises:
        CommandError: nobody answers at the first round, or there is no store.
        StoreError: the store or InfluxDB does not answer at the first round.
        SettingsError: what is needed to write is not set.
    """
    writing = Writing(_opening(arguments, settings), influx_settings(settings))
    try:
        written = writing.round(arguments.days, stop)
    except (AwayError, RefusedError) as error:
        raise CommandError(str(error)) from error
    if stop.is_set():
        return stopped("the same command begins again, and writes nothing twice")
    say(f"figures: {counted(written, 'point', ',')} written to {settings.influxdb_bucket} of {settings.influxdb_url}")
    while arguments.follow and not stop.wait(EVERY):
        _again(writing, stop)
    return USAGE if writing.refused else 0


def _opening(arguments: Namespace, settings: Settings) -> Opening:
    """Return what gives whoever answers: a running API where one is named, else the store of the settings.

    The store is let go of between two rounds: of an embedded one `ledig serve` may be started, or started again.
    """
    if arguments.api_url:
        key = settings.api_key()
        return lambda again: closing(ApiAnswers(arguments.api_url, key))  # noqa: ARG005 - alike whenever it is asked
    if not settings.ingest_urls:
        complain(NO_COUNTS)
    book = sites_to_read(settings)

    @contextmanager
    def opened(again: bool) -> Iterator[Answers]:  # noqa: FBT001 - the one thing it is asked
        with store_to_read(settings, again=again) as store:
            yield StoreAnswers(settings, store, book.current(), wall_clock())

    return opened


def _again(writing: "Writing", stop: threading.Event) -> None:
    try:
        writing.round(AGAIN, stop, again=True)
    except (AwayError, CommandError, RefusedError, StoreError) as error:
        complain(f"ledig figures: {error}; again in {EVERY / 60:.0f} minutes")


class Question(NamedTuple):
    """One question about one site, or about none."""

    ask: Ask
    site: str

    @property
    def tags(self) -> FigureTags:
        """The tags under which its rows are written."""
        return FigureTags(self.ask.figure, self.site, self.ask.by, self.ask.bucket)


class Writing:
    """Asks all questions of all sites, and writes what is answered."""

    def __init__(self, opening: Opening, influx: InfluxSettings) -> None:
        self._opening = opening
        self._influx = influx
        self.refused: set[str] = set()
        """What was refused, each told of once."""

    def round(self, days: int, stop: threading.Event, *, again: bool = False) -> int:
        """Ask everything once, of so many days; return how many points were written.

        Raises:
            AwayError: nobody answers.
            CommandError: there is no store.
            RefusedError: the sites are not told.
            StoreError: the store or InfluxDB does not answer.
        """
        written = 0
        with self._opening(again) as answers:
            now, sites = answers.begin()
            asked = list(_questions(sites))
            for question in tqdm(asked, desc="figures", unit="question", leave=False, mininterval=0.5):
                if stop.is_set():
                    break
                try:
                    written += self._write(answers, question, days, now)
                except RefusedError as error:
                    self._refuse(str(error))
        return written

    def _refuse(self, told: str) -> None:
        if told not in self.refused:
            complain(f"ledig figures: {told}; the others are written")
        self.refused.add(told)

    def _write(self, answers: Answers, question: Question, days: int, now: Millis) -> int:
        ask = question.ask
        # What is about a whole window is asked of the usual one, whatever the round.
        asked = DAYS if ask.bucket == WINDOW else days
        answered = answers.ask(question.site, ask, now - asked * DAY if ask.spanning else None)
        return write_figures(self._influx, _points(ask, answered), question.tags)


def _questions(sites: Sequence[str]) -> Iterator[Question]:
    for ask in questions():
        for site in [NO_SITE] if ask.route.startswith("/") else sites:
            yield Question(ask, site)


def _points(ask: Ask, answered: Answered) -> Iterator[Row]:
    """Yield rows with a time and a group of their own, and numbers alone.

    A row that has no time of its own is stamped with the hour of the answer: the newest of an hour stays.
    """
    for row in answered.rows:
        moment = parse_instant(row["time"]) if row.get("time") else answered.now // HOUR * HOUR
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
