"""Questions as values: a figure by its name, and what it is asked of. Reports and dashboards are made of them.

A figure's name is the API's route below a site, so that the same is asked here and over HTTP.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, NamedTuple, get_args

from analytics.buckets import Bucket
from analytics.groups import By, Groups
from analytics.levels import Measure
from dashboards.answers.answer import Answer
from dashboards.answers.bookings import find_bookings
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError, Fault, wrong_arguments
from dashboards.answers.figures import find_availability, find_heatmap, find_peaks, find_utilisation
from dashboards.answers.fleet import find_fleet
from dashboards.answers.forecast import find_forecast
from dashboards.answers.forecasting import Forecasts
from dashboards.answers.histories import Histories
from dashboards.answers.planning import find_planning, planning_span
from dashboards.answers.present import find_sensors, find_site, find_status
from dashboards.answers.roommix import find_mix
from dashboards.answers.rooms import find_parties, find_rooms
from dashboards.answers.selection import EVERYTHING, Filters, Grouping, select_groups, select_rooms
from dashboards.answers.sessions import find_bridges, find_dwell, find_sessions
from dashboards.answers.sizing import Wish, find_sizing, sizing_span
from dashboards.answers.usual import find_usual
from dashboards.answers.windows import Span, Window, cut_into, span_of
from spaces.mistakes import did_you_mean, shown
from spaces.site import Site
from spaces.times import Millis

Figure = Literal[
    "", "status", "sensors", "sensors/counts", "utilisation", "peaks", "availability", "planning", "heatmap", "usual",
    "sessions", "sessions/dwell", "sessions/bridges", "rooms", "rooms/parties", "rooms/mix", "bookings", "sizing",
    "forecast",
]  # fmt: skip
"""What may be asked about a site; "" is the site itself."""


@dataclass(frozen=True, slots=True)
class Question:
    """A figure of the spaces that pass filters, in groups, over [start, end); each takes what it has a use for.

    What is None is what the figure goes by unless told: its usual groups, and the window it has without one.
    """

    figure: Figure
    _: KW_ONLY
    by: By | None = None
    filters: Filters = EVERYTHING
    bucket: Bucket = "1h"
    measure: Measure = "spaces"
    start: Millis | None = None
    end: Millis | None = None


class _Asked(NamedTuple):
    """A question on its way to an answer."""

    context: Context
    site: Site
    question: Question

    def groups(self, usual: By = "site") -> Grouping:
        return select_groups(self.site, self.question.by or usual, self.question.filters)

    def span(self) -> Span:
        return span_of(self.site, *self._bounds())

    def window(self) -> Window:
        return cut_into(self.site, self.span(), self.question.bucket)

    def grouped(self) -> tuple[Context, Site, Span, Grouping]:
        return self.context, self.site, self.span(), self.groups()

    def bucketed(self) -> tuple[Context, Site, Window, Grouping, Measure]:
        return self.context, self.site, self.window(), self.groups(), self.question.measure

    def rooms(self) -> tuple[Context, Site, Span, Groups]:
        return self.context, self.site, self.span(), select_rooms(self.site, self.question.filters)

    def planning(self) -> Answer:
        span = planning_span(self.site, *self._bounds())
        return find_planning(self.context, self.site, span, self.groups(), self.question.measure)

    def sizing(self) -> Answer:
        span, groups = sizing_span(self.site, *self._bounds()), self.groups().groups
        return find_sizing(self.context, Histories(self.context), self.site, span, groups, Wish())

    def _bounds(self) -> tuple[Any, ...]:
        return self.question.start, self.question.end, self.context.now(), self.context.limits


_FIND: Mapping[Figure, Callable[[_Asked], Answer]] = {
    "": lambda asked: find_site(asked.context, asked.site),
    "status": lambda asked: find_status(asked.context, asked.site, asked.groups("space")),
    "sensors": lambda asked: find_sensors(asked.context, asked.site),
    "sensors/counts": lambda asked: find_fleet(asked.context, asked.site, asked.groups("floor")),
    "utilisation": lambda asked: find_utilisation(*asked.bucketed()),
    "peaks": lambda asked: find_peaks(*asked.bucketed()),
    "availability": lambda asked: find_availability(*asked.bucketed()),
    "planning": _Asked.planning,
    "heatmap": lambda asked: find_heatmap(*asked.grouped()),
    "usual": lambda asked: find_usual(asked.context, asked.site, asked.groups()),
    "sessions": lambda asked: find_sessions(*asked.grouped()),
    "sessions/dwell": lambda asked: find_dwell(*asked.grouped()),
    "sessions/bridges": lambda asked: find_bridges(*asked.grouped()),
    "rooms": lambda asked: find_rooms(*asked.rooms()),
    "rooms/parties": lambda asked: find_parties(*asked.rooms()),
    "rooms/mix": lambda asked: find_mix(*asked.rooms()),
    "bookings": lambda asked: find_bookings(*asked.rooms()),
    "sizing": _Asked.sizing,
    "forecast": lambda asked: find_forecast(asked.context, Forecasts(asked.context), asked.site, asked.groups()),
}
_VALUES: Mapping[str, tuple[str, ...]] = {
    "group": get_args(By), "bucket": get_args(Bucket), "measure": get_args(Measure)
}  # fmt: skip


def find_answer(context: Context, site: Site, question: Question) -> Answer:
    """Return the answer to a question about a site.

    Raises:
        AnswerError: it asks for what the site has not got, or for too much.
        StoreError: the store cannot be read.
    """
    return _FIND[question.figure](_Asked(context, site, question))


def read_question(figure: str, parameters: Mapping[str, str], start: Millis | None = None) -> Question:
    """Read a question from words as the API has them: its route below a site, and parameters.

    >>> read_question("peaks", {"group": "zone", "kind": "desk", "bucket": "1d"}).filters.kind
    'desk'

    Raises:
        AnswerError: it names all that is unknown, and what is known.
    """
    if figure not in _FIND:
        raise AnswerError(
            f"there is no figure {shown(figure)!r}{did_you_mean(figure, list(_FIND))}", fault=Fault.MISSING
        )
    known: list[str] = [*_VALUES, *Filters._fields]
    wrong = [(name, f"is no parameter{did_you_mean(name, known)}") for name in parameters if name not in known]
    wrong += [
        (name, f"{shown(parameters[name])!r} is unknown{did_you_mean(parameters[name], values)}")
        for name, values in _VALUES.items()
        if name in parameters and parameters[name] not in values
    ]
    if wrong:
        raise wrong_arguments(wrong)
    named: Any = figure
    filters: Any = {name: value for name, value in parameters.items() if name in Filters._fields}
    told: Any = {"by" if name == "group" else name: parameters[name] for name in _VALUES if name in parameters}
    return Question(named, filters=Filters(**filters), start=start, **told)
