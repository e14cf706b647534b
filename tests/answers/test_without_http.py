"""Answers are asked for by plain arguments: the same as over HTTP, and without any of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboards.answers import figures, fleet, freerooms, planning, present, roommix, rooms, sessions, usual
from dashboards.answers.answer import Answer, disclosed
from dashboards.answers.context import Context, Limits
from dashboards.answers.errors import AnswerError
from dashboards.answers.forecast import find_forecast
from dashboards.answers.forecasting import Forecasts
from dashboards.answers.histories import Histories
from dashboards.answers.selection import Filters, Grouping, select_groups, select_rooms
from dashboards.answers.sizing import Wish, find_sizing, sizing_span
from dashboards.answers.windows import Span, cut_into, span_of
from spaces.site import Site
from spaces.times import DAY
from tests.api.office import NOW, Office, office, week

_MODULES = sorted(Path(figures.__file__).parent.glob("*.py"))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with Office(tmp_path_factory.mktemp("asked"), list(week(office()))) as opened:
        yield opened


@pytest.fixture(scope="module")
def context(asked: Office) -> Context:
    return Context.over(asked.store, asked.live, lambda: NOW)


def _today(context: Context, site: Site) -> Span:
    return span_of(site, None, None, NOW, context.limits)


def _by_kind(site: Site) -> Grouping:
    return select_groups(site, "kind", Filters())


Asking = Callable[[Context, Site], Answer]
_QUESTIONS: dict[str, tuple[dict[str, Any], Asking]] = {
    "utilisation": (
        {"group": "kind", "bucket": "1h", "usage": "true"},
        lambda c, s: figures.find_utilisation(c, s, cut_into(s, _today(c, s), "1h"), _by_kind(s), usage=True),
    ),
    "peaks": (
        {"group": "kind", "bucket": "15m", "measure": "people"},
        lambda c, s: figures.find_peaks(c, s, cut_into(s, _today(c, s), "15m"), _by_kind(s), "people"),
    ),
    "availability": (
        {"group": "kind", "bucket": "1d"},
        lambda c, s: figures.find_availability(c, s, cut_into(s, _today(c, s), "1d"), _by_kind(s)),
    ),
    "heatmap": ({"group": "kind"}, lambda c, s: figures.find_heatmap(c, s, _today(c, s), _by_kind(s))),
    "planning": (
        {"group": "kind"},
        lambda c, s: planning.find_planning(c, s, planning.planning_span(s, None, None, NOW, c.limits), _by_kind(s)),
    ),
    "usual": ({"group": "kind", "weeks": 2}, lambda c, s: usual.find_usual(c, s, _by_kind(s), 2)),
    "status": ({"group": "kind"}, lambda c, s: present.find_status(c, s, _by_kind(s))),
    "sensors": ({}, present.find_sensors),
    "sensors/counts": ({"group": "kind"}, lambda c, s: fleet.find_fleet(c, s, _by_kind(s))),
    "sessions": ({"group": "kind"}, lambda c, s: sessions.find_sessions(c, s, _today(c, s), _by_kind(s))),
    "rooms": ({}, lambda c, s: rooms.find_rooms(c, s, _today(c, s), select_rooms(s, Filters()))),
    "rooms/mix": ({}, lambda c, s: roommix.find_mix(c, s, _today(c, s), select_rooms(s, Filters()))),
    "rooms/free": (
        {"seats": 2},
        lambda c, s: freerooms.find_free_rooms(c, s, select_rooms(s, Filters()), 2),
    ),
    "forecast": ({"group": "kind"}, lambda c, s: find_forecast(c, Forecasts(c), s, _by_kind(s))),
    "sizing": (
        {"target": 2},
        lambda c, s: find_sizing(
            c,
            Histories(c),
            s,
            sizing_span(s, None, None, NOW, c.limits),
            select_groups(s, "site", Filters()).groups,
            Wish(target=2),
        ),
    ),
}


@pytest.mark.parametrize("path", _QUESTIONS)
def test_an_answer_is_that_of_the_api(asked: Office, context: Context, path: str) -> None:
    query, ask = _QUESTIONS[path]
    answer = ask(context, asked.site)
    over_http = asked.answer(path, **query)
    assert list(disclosed(answer)) == over_http["rows"]
    assert {name: over_http["meta"][name] for name in answer.meta} == answer.meta


@pytest.mark.parametrize("filters", [Filters(zone="teem"), Filters(kind="dask", space="elbe")])
def test_what_a_site_does_not_know_is_an_error_that_says_what_it_knows(filters: Filters) -> None:
    with pytest.raises(AnswerError, match="did you mean") as raised:
        select_groups(office(), "site", filters)
    assert [name for name, _ in raised.value.wrong] == ["zone" if filters.zone else "kind"]


def test_bounds_are_errors_that_say_the_limit(asked: Office) -> None:
    small = Context.over(asked.store, asked.live, lambda: NOW, Limits(most_days=7, most_rows=20))
    site = asked.site
    with pytest.raises(AnswerError, match="the limit is 7"):
        span_of(site, NOW - 8 * DAY, NOW, NOW, small.limits)
    with pytest.raises(AnswerError, match="is not before `to`"):
        span_of(site, NOW, NOW - DAY, NOW, small.limits)
    with pytest.raises(AnswerError, match="the limit is 20"):
        figures.find_peaks(small, site, cut_into(site, _today(small, site), "15m"), _by_kind(site))


@pytest.mark.parametrize(
    "module", ["dashboards.answers.sizing", "dashboards.answers.pipeline", "dashboards.rollups.source"]
)
def test_no_web_framework_is_loaded(module: str) -> None:
    """Neither by a module itself nor by what it imports: so the command line does not pay for it."""
    code = (
        f"import sys, {module}\n"
        "web = {'fastapi', 'pydantic', 'starlette', 'uvicorn'}\n"
        "print(sorted(web & {name.partition('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_every_module_of_answers_can_be_imported_alone() -> None:
    """There is no circle of imports that only one order of them survives."""
    names = [f"dashboards.answers.{file.stem}" for file in _MODULES if file.stem != "__init__"]
    code = """
import importlib, sys
for name in sys.argv[1:]:
    for loaded in [known for known in sys.modules if known.startswith("dashboards")]:
        del sys.modules[loaded]
    importlib.import_module(name)
"""
    subprocess.run([sys.executable, "-c", code, *names], check=True)
