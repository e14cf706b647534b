"""What operators watch: sensors counted by floor, today beside what is usual, and the way from broker to store."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry

from dashboards.answers.pipeline import NO_INGEST, THIS
from dashboards.api import ApiSettings, create_app, create_service
from ingest.ledger import MessageCount, ReadingCount
from ingest.metrics import IngestCollector, SpoolCollector
from ingest.settings import IngestSettings
from ingest.worker import Worker
from spaces.times import HOUR, MINUTE, to_millis
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from store.spool import Spool, SpooledStore
from tests.api.office import NOW, Office, office, said, week
from tests.brokers import free_port
from tests.web.served import Served


def test_a_star_leaves_nothing_out(house: Office) -> None:
    everything = house.get("v1/sites/office/status", group="space").json()["rows"]
    assert house.get("v1/sites/office/status", floor="*", zone="*", kind="*").json()["rows"] == everything


def test_silent_sensors_are_counted_where_they_are(tmp_path: Path) -> None:
    site = office()
    with Office(tmp_path, [said(site, site.space_by_id["elbe"], NOW - HOUR, used=True)]) as quiet:
        rows = quiet.get("v1/sites/office/sensors/counts", group="floor").json()["rows"]
        total = quiet.get("v1/sites/office/sensors/counts", group="site").json()["rows"][0]
    assert [(row["group"], row["sensors"], row["silent"]) for row in rows] == [("f1", 11, 11), ("f2", 5, 4)]
    assert (total["sensors"], total["silent"], total["never_heard"], total["battery"]) == (16, 15, 15, 50)
    assert total["silent_share"] == pytest.approx(15 / 16, abs=1e-6)


def test_a_group_without_sensors_has_no_share(tmp_path: Path) -> None:
    with Office(tmp_path) as empty:
        (row,) = empty.get("v1/sites/office/sensors/counts", group="kind", kind="lounge").json()["rows"]
    assert (row["sensors"], row["silent_share"], row["battery"], row["reason"]) == (0, None, None, "no sensor")


@pytest.fixture(scope="module")
def six_weeks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office with one room that was used from 10 to 11 on three of the five Thursdays past."""
    site = office()
    room = site.space_by_id["havel"]
    readings = []
    for back, used in enumerate((False, True, False, True, True), 1):
        morning = to_millis(datetime(2026, 11, 19, 9, tzinfo=site.tz) - timedelta(weeks=back))  # on the clock there
        readings += [said(site, room, morning + hour * HOUR, used=used and hour == 1) for hour in range(11)]
    readings += [said(site, room, NOW - 30 * MINUTE, used=True)]
    with Office(tmp_path_factory.mktemp("usual"), readings) as opened:
        yield opened


def test_today_stands_beside_what_is_usual_on_this_weekday(six_weeks: Office) -> None:
    rows = six_weeks.get("v1/sites/office/usual", space="havel", weeks=5).json()["rows"]
    assert len(rows) == 24
    ten = rows[10]
    assert (ten["time"], ten["usual_lo"], ten["usual"], ten["usual_hi"], ten["days"]) == (
        "2026-11-19T09:00:00Z", 0.0, 1.0, 1.0, 5,
    )  # fmt: skip
    assert (ten["average_occupancy"], ten["partial"], ten["coverage"]) == (1.0, True, 1.0)
    assert (rows[12]["usual"], rows[12]["average_occupancy"]) == (0.0, None)
    assert (rows[3]["usual"], rows[3]["reason"]) == (None, "too few days")


def test_fewer_than_four_days_make_nothing_usual(six_weeks: Office) -> None:
    rows = six_weeks.get("v1/sites/office/usual", space="havel", weeks=3).json()["rows"]
    assert {row["usual"] for row in rows} == {None}
    assert rows[10]["days"] == 3


def test_one_fixed_desk_is_not_compared_with_itself(house: Office) -> None:
    rows = house.get("v1/sites/office/usual", space="team-own-1").json()["rows"]
    assert {row["average_occupancy"] for row in rows} == {None}


def test_a_process_that_takes_nothing_in_says_so(house: Office) -> None:
    (row,) = house.get("v1/pipeline").json()["rows"]
    assert (row["process"], row["received"], row["reason"]) == (THIS, None, NO_INGEST)
    assert row["heard_minutes"] == 0
    assert row["store_seconds"] >= 0
    assert house.get("v1/pipeline/messages").json()["rows"] == []


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[CollectorRegistry]:
    """Give the metrics of a worker that has met three messages."""
    store = EmbeddedStore(tmp_path / "worker")
    found = Worker(IngestSettings(quarantine=tmp_path), store, dict, lambda: NOW)
    registry = CollectorRegistry()
    registry.register(IngestCollector(found))
    found.ledger.took(3)
    found.ledger.settled(MessageCount(refused={"too_late": 2, "empty": 1}), ReadingCount())
    yield registry
    found._link.close()
    store.close()


def test_other_processes_are_asked_for_their_numbers(tmp_path: Path, worker: CollectorRegistry) -> None:
    store = EmbeddedStore(tmp_path / "api")
    dead = f"http://127.0.0.1:{free_port()}"
    with Served(create_service(store, worker, {})) as other:
        address = other.url.rstrip("/")
        settings = ApiSettings(ingest_urls=(address, dead))
        app = create_app(settings, store, LiveStates(store), dict, lambda: NOW, CollectorRegistry())
        with Served(app) as served:
            rows = httpx.get(f"{served.url}v1/pipeline", timeout=20).json()["rows"]
            became = httpx.get(f"{served.url}v1/pipeline/messages", timeout=20).json()["rows"]
    store.close()
    assert [row["process"] for row in rows] == [address, dead]
    assert (rows[0]["received"], rows[0]["refused"], rows[0]["reason"]) == (3, 3, None)
    assert rows[1]["received"] is None
    assert "does not answer" in rows[1]["reason"]
    refused = {row["reason"]: row["messages"] for row in became if row["reason"]}
    assert refused == {"too_late": 2, "empty": 1}


def test_refused_messages_and_refused_readings_are_added_up(tmp_path: Path) -> None:
    """By reason, in the order of the reasons; stored, duplicate and spooled are of readings."""
    store = EmbeddedStore(tmp_path / "worker")
    worker = Worker(IngestSettings(quarantine=tmp_path), store, dict, lambda: NOW)
    registry = CollectorRegistry()
    registry.register(IngestCollector(worker))
    worker.ledger.took(9)
    worker.ledger.read(9)
    worker.ledger.settled(
        MessageCount(accepted=3, status=1, refused={"too_late": 2, "empty": 1}),
        ReadingCount(stored=2, duplicate=1, spooled=3, refused={"store": 1, "too_late": 2}),
    )
    with Office(tmp_path / "office") as quiet:
        app = create_app(ApiSettings(), quiet.store, quiet.live, lambda: quiet.sites, lambda: NOW, registry)
        with Served(app) as served:
            (row,) = httpx.get(f"{served.url}v1/pipeline", timeout=20).json()["rows"]
            became = httpx.get(f"{served.url}v1/pipeline/messages", timeout=20).json()["rows"]
    worker._link.close()
    store.close()
    assert (row["received"], row["stored"], row["in_flight"], row["spooled"], row["refused"]) == (9, 2, 2, 3, 6)
    assert [(one["became"], one["messages"]) for one in became] == [
        ("stored", 2), ("duplicate", 1), ("status", 1), ("in_flight", 2), ("spooled", 3),
        ("refused: empty", 1), ("refused: store", 1), ("refused: too_late", 4),
    ]  # fmt: skip


def test_nothing_is_made_of_a_week_that_has_no_gap(tmp_path: Path) -> None:
    with Office(tmp_path, list(week(office()))) as full:
        rows = full.get("v1/sites/office/sensors/counts", group="site").json()["rows"]
    assert rows[0]["silent"] == 0


def test_every_count_that_is_shown_is_one_that_a_worker_keeps(tmp_path: Path, worker: CollectorRegistry) -> None:
    spool = Spool(tmp_path / "spool", most_bytes=1 << 20)
    store = SpooledStore(EmbeddedStore(tmp_path / "spooled"), spool, hold=None)
    worker.register(SpoolCollector(store))
    with Office(tmp_path / "office") as quiet:
        app = create_app(ApiSettings(), quiet.store, quiet.live, lambda: quiet.sites, lambda: NOW, worker)
        with Served(app) as served:
            (row,) = httpx.get(f"{served.url}v1/pipeline", timeout=20).json()["rows"]
    store.close()
    nothing = {name for name, value in row.items() if value is None}
    assert nothing == {"heard_minutes", "lag_seconds", "reason"}, "nobody was heard, everything else is counted"
