"""What is asked in this process is answered with the very rows that the API answers over HTTP."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

import pytest
from prometheus_client import CollectorRegistry

from dashboards.answers.answer import disclosed
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError
from dashboards.answers.questions import Figure, Question, find_answer, read_question
from dashboards.api import ApiSettings, create_app, create_service
from dashboards.grafana.ask import Ask
from dashboards.grafana.build import questions
from ingest.metrics import IngestCollector
from ingest.settings import IngestSettings
from ingest.worker import Worker
from ledig.apianswers import ApiAnswers
from ledig.asking import Answered, RefusedError
from ledig.settings import load_settings
from ledig.storeanswers import StoreAnswers
from simulator.betahaus import SITE
from simulator.sensors import said_between
from spaces.site import Site
from spaces.sitefile import load_site
from spaces.times import DAY, parse_instant
from store.live import LiveStates
from store.opening import open_store
from tests.grafana.demo import NOW
from tests.web.served import Served

SINCE = NOW - 15 * DAY
QUESTIONS = [pytest.param(ask, id=f"{ask.figure}-{ask.by}-{ask.bucket}") for ask in questions()]
TIMED = {"store_seconds"}
"""Columns that hang on how busy the machine is."""
FIGURES: tuple[Figure, ...] = get_args(Figure)


class Both(NamedTuple):
    """The same house, asked in this process and over HTTP."""

    site: Site
    context: Context
    here: StoreAnswers
    there: ApiAnswers
    paths: set[str]
    """The API's routes."""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Fill a store with two weeks of the demo's house, and serve it beside a process that takes messages in."""
    folder, site = tmp_path_factory.mktemp("both"), load_site(SITE)
    store = open_store(folder / "store")
    for said in said_between(site, 1, SINCE, NOW):
        store.append(said)
    worker = Worker(IngestSettings(quarantine=folder / "quarantine"), store, lambda: {site.id: site}, lambda: NOW)
    registry = CollectorRegistry()
    registry.register(IngestCollector(worker))
    live = LiveStates(store)
    with Served(create_service(store, registry, {})) as ingest:
        url = ingest.url.rstrip("/")
        api = ApiSettings(ingest_urls=(url,))
        app = create_app(api, store, live, lambda: {site.id: site}, lambda: NOW, CollectorRegistry())
        settings = load_settings(None, {"LEDIG_INGEST_URLS": url}, {"data": str(folder)})
        with Served(app) as served:
            there = ApiAnswers(served.url, "")
            here = StoreAnswers(settings, store, {site.id: site}, NOW)
            yield Both(site, Context.over(store, live, lambda: NOW), here, there, set(app.openapi()["paths"]))
            there.close()
    worker._link.close()
    store.close()


def untimed(answered: Answered) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in TIMED} for row in answered.rows]


def test_both_go_by_the_same_moment_and_sites(both: Both) -> None:
    assert both.here.begin() == both.there.begin() == (NOW, ["betahaus"])


@pytest.mark.parametrize("ask", QUESTIONS)
def test_a_question_of_a_dashboard_is_answered_alike(both: Both, ask: Ask) -> None:
    start = SINCE if ask.spanning else None
    here, there = (answers.ask("betahaus", ask, start) for answers in (both.here, both.there))
    assert here.now == there.now
    assert untimed(here) == untimed(there)
    assert here.rows, "not empty on the demo's data"


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_has_the_name_of_its_route_and_its_usual_window_and_groups(both: Both, figure: Figure) -> None:
    assert f"/v1/sites/{{site}}/{figure}".rstrip("/") in both.paths
    answer = find_answer(both.context, both.site, Question(figure))
    there = both.there.ask("betahaus", Ask(route=figure, columns=()), None)
    assert list(disclosed(answer)) == there.rows


def test_a_fixed_desk_is_not_told_of(both: Both) -> None:
    rows = both.here.ask("betahaus", Ask(route="status", columns=(), params={"group": "space"}), None).rows
    own = {space.id for space in both.site.spaces if space.assignment == "fixed"}
    assert own
    assert all(row["state"] is None for row in rows if row["space"] in own)


@pytest.mark.parametrize(
    ("figure", "params", "said"),
    [
        ("peak", {}, "there is no figure 'peak'; did you mean peaks?"),
        ("peaks", {"groups": "site"}, "groups: is no parameter; did you mean group?"),
        ("peaks", {"group": "flor"}, "group: 'flor' is unknown; did you mean floor?"),
        ("peaks", {"bucket": "2h", "measure": "seats"}, "bucket: '2h' is unknown"),
        ("peaks", {"floor": "attic"}, "betahaus has no floor 'attic'"),
        ("utilisation", {"bucket": "15m", "group": "space"}, "the limit is 100000"),
    ],
)
def test_what_is_unknown_or_too_much_is_refused(both: Both, figure: str, params: dict[str, str], said: str) -> None:
    with pytest.raises(AnswerError) as error:
        find_answer(both.context, both.site, read_question(figure, params, NOW - 300 * DAY))
    assert said in error.value.detail
    with pytest.raises(RefusedError, match=figure):
        both.here.ask("betahaus", Ask(route=figure, columns=(), params=params), NOW - 300 * DAY)


def test_no_process_that_takes_messages_in_is_told_of_as_the_api_does(both: Both) -> None:
    """As in `ledig api` without ingest_urls: what the store knows is told, counts are null."""
    alone = StoreAnswers(load_settings(None, {}, {}), both.context.store, {both.site.id: both.site}, NOW)
    (row,) = alone.ask("-", Ask(route="/v1/pipeline", columns=()), None).rows
    assert row["process"] == "this process"
    assert row["received"] is None
    assert "ingest_urls" in row["reason"]
    assert row["heard_minutes"] == 0
    assert parse_instant(row["time"]) == NOW
    assert alone.ask("-", Ask(route="/v1/pipeline/messages", columns=()), None).rows == []
