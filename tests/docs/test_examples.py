"""Examples of the papers work: site files load, payloads are accepted, requests are answered, sensors are heard."""

import json
import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from ingest.refusals import Reason
from ingest.settings import IngestSettings
from ingest.verdicts import readings_of
from ingest.worker import Worker
from ledig.settings import ENVIRONMENT, NOT_SETTINGS, TABLE, load_settings
from simulator.betahaus import SITE
from simulator.convert.mappingfile import load_mapping
from simulator.recording import open_recording
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from spaces.site import Site
from spaces.sitebook import SiteBook
from spaces.sitefile import load_site
from spaces.times import HOUR, Millis, parse_instant, rfc3339
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from tests.brokers import Mosquitto
from tests.docs.papers import blocks, commands, named, papers, read
from tests.ingest.houses import judged, refusals_of
from tests.ingest.publishing import Sender
from tests.web.served import Served

README = read("README.md")
SITES = read("docs/sites.md")
REAL_DATA = read("docs/real-data.md")
NOW: Millis = parse_instant("2026-11-19T09:30:00Z")
WAIT = 60.0


def readme_site(folder: Path) -> Site:
    """Return the site that the README shows in full."""
    (text,) = [block.text for block in blocks(README, "toml")]
    (folder / "site.toml").write_text(text, encoding="utf-8")
    return load_site(folder)


def published() -> list[tuple[str, str]]:
    """Return (topic, payload) of the README's mosquitto_pub lines, the time of now put in by hand."""
    lines = [line for line in commands(README) if line.startswith("mosquitto_pub")]
    found = []
    for line in lines:
        words = shlex.split(re.sub(r"\$\(date [^)]*\)", rfc3339(NOW), line))
        assert words[words.index("-q") + 1] == "1"
        found.append((words[words.index("-t") + 1], words[words.index("-m") + 1]))
    return found


def write_example(folder: Path, addition: str = "") -> None:
    for kind, name in (("toml", "site.toml"), ("csv", "spaces.csv"), ("csv", "sensors.csv")):
        (block,) = blocks(SITES, f"{kind} {name}")
        (folder / name).write_text(block.text + (addition if name == "site.toml" else ""), encoding="utf-8")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_readmes_site_has_the_spaces_that_it_speaks_of(tmp_path: Path) -> None:
    site = readme_site(tmp_path)
    assert (site.id, [space.id for space in site.spaces]) == ("my-office", ["desk-1", "room-1"])
    assert [sensor.space for sensor in site.sensors] == ["desk-1", "room-1"]


def test_the_settings_file_that_the_readme_shows_is_read(tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(README, "toml ledig.toml")]
    (tmp_path / "ledig.toml").write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "ledig.toml", environment={})
    assert (len(settings.sites), settings.port, settings.broker_username) == (2, 8099, "ledig")


def test_the_settings_of_server_stores_that_papers_show_are_read(tmp_path: Path) -> None:
    shown = [(README, "toml influxdb.toml", "influxdb"), (read("docs/scale-out.md"), "toml scale-out.toml", "victoria")]
    for paper, info, store in shown:
        (text,) = [block.text for block in blocks(paper, info)]
        (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
        settings = load_settings(tmp_path / "settings.toml", environment={})
        assert settings.store.startswith(store)
        assert {f"{settings.store}_url", "sites", "broker"} <= settings.given


def test_variables_that_papers_name_are_read() -> None:
    for paper in papers():
        found = set(re.findall(r"\bLEDIG_[A-Z_]+\b", paper.read_text(encoding="utf-8")))
        ours = {name for name in found if not name.startswith(NOT_SETTINGS)}
        assert ours <= {f"{ENVIRONMENT}{name.upper()}" for name in TABLE}, named(paper)


def test_the_mapping_that_the_page_on_real_data_shows_is_read(tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(REAL_DATA, "toml")]
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    assert len(load_mapping(tmp_path / "mapping.toml").sources) == 2


def test_the_recording_that_the_page_on_real_data_shows_opens(tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(REAL_DATA, "json")]
    (tmp_path / "shown.jsonl").write_text(text, encoding="utf-8")
    recording = open_recording(tmp_path / "shown.jsonl")
    assert recording.header.site == "odense"
    assert [json.loads(message.payload)["people"] for message in recording] == [0]


def test_the_example_of_a_site_with_lists_loads(tmp_path: Path) -> None:
    write_example(tmp_path)
    site = load_site(tmp_path)
    assert [space.id for space in site.spaces] == ["counter", "desk-1", "desk-2", "desk-3", "elbe"]
    assert {sensor.id for sensor in site.sensors} == {"cam-1", "pir-1", "pir-2", "pir-3", "count-1"}
    assert site.space_by_id["desk-3"].assignment == "fixed"


@pytest.mark.parametrize("number", range(len(blocks(SITES, "toml add"))))
def test_each_snippet_adds_to_the_example(number: int, tmp_path: Path) -> None:
    write_example(tmp_path)
    before = load_site(tmp_path)
    write_example(tmp_path, "\n" + blocks(SITES, "toml add")[number].text)
    assert load_site(tmp_path) != before


def test_seats_hold_as_the_page_on_sites_says(tmp_path: Path) -> None:
    (snippet,) = [block.text for block in blocks(SITES, "toml add") if "[[capacity]]" in block.text]
    write_example(tmp_path, "\n" + snippet)
    elbe = load_site(tmp_path).space_by_id["elbe"]
    june, july = parse_instant("2026-06-30T21:59:59Z"), parse_instant("2026-06-30T22:00:00Z")
    assert (elbe.capacity_at(june), elbe.capacity_at(july)) == (6, 8)


def test_the_calendar_that_the_page_on_sites_shows_books_its_room(tmp_path: Path) -> None:
    write_example(tmp_path)
    (tmp_path / "bookings").mkdir()
    (calendar,) = [block.text for block in blocks(SITES, "ics bookings/elbe.ics")]
    (tmp_path / "bookings/elbe.ics").write_text(calendar, encoding="utf-8")
    book = SiteBook([tmp_path])
    assert not book.wrong_bookings()
    (site,) = book.current().values()
    may, june = parse_instant("2026-05-01T00:00:00Z"), parse_instant("2026-06-01T00:00:00Z")
    mondays = [rfc3339(booking.start) for booking in site.bookings.calendars["elbe"].between(may, june)]
    assert mondays == [f"2026-05-{day}T07:30:00Z" for day in (11, 18, 25)]


def test_every_block_of_the_page_on_sites_is_tested() -> None:
    kinds = {block.info for block in blocks(SITES)}
    lists = {"csv spaces.csv", "csv sensors.csv", "ics bookings/elbe.ics"}
    assert kinds == {"sh", "toml site.toml", "toml add", *lists}


def test_the_payloads_that_are_shown_are_accepted(tmp_path: Path) -> None:
    site = readme_site(tmp_path)
    (shown,) = blocks(README, "json")
    lines = shown.text.splitlines()
    topic = state_topic(DEFAULT_PREFIX, site.id, "counter-1")
    messages = [(1, 1, topic, line.encode(), False) for line in lines]
    verdicts = judged(messages, {site.id: site}, NOW)
    assert refusals_of(verdicts) == []
    assert {reading.time for reading in readings_of(verdicts)} == {parse_instant("2026-05-04T06:00:00Z")}
    assert {key for line in lines for key in json.loads(line)} == {"time", "occupied", "people", "battery", "seq"}


def test_a_real_time_on_a_demo_clock_that_is_behind_is_refused_as_the_readme_says(tmp_path: Path) -> None:
    site = readme_site(tmp_path)
    topic, payload = published()[1]
    verdicts = judged([(1, 1, topic, payload.encode(), False)], {site.id: site}, NOW - HOUR)
    assert [refusal.reason for refusal in refusals_of(verdicts)] == [Reason.TOO_LATE]


def test_the_lines_that_feed_a_sensor_reach_the_store(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    sites = {site.id: site for site in (load_site(SITE), readme_site(tmp_path))}
    store = EmbeddedStore(tmp_path / "store")
    settings = IngestSettings(port=quick_mosquitto.port, quarantine=tmp_path / "quarantine")
    worker = Worker(settings, store, lambda: sites, lambda: NOW)
    worker.start()
    try:
        until(lambda: worker.trouble() is None)
        with Sender(quick_mosquitto.port) as sender:
            sender.send(*published())
            until(lambda: worker.ledger.count().readings.stored == 2)
        assert {reading.people for site in sites for reading in store.latest(site)} == {58, 3}
        for topic, _ in published():
            _, _, site, sensor, _ = topic.split("/")
            assert sensor in sites[site].sensors_by_id
    finally:
        worker.stop()
        store.close()


@pytest.fixture
def betahaus(tmp_path: Path) -> Iterator[str]:
    """Give the address of an API that serves the demo's house with a reading of its cafe."""
    site = load_site(SITE)
    sites: Mapping[str, Site] = {site.id: site}
    store = EmbeddedStore(tmp_path)
    store.append([Reading(site.id, "pc-4-11802", NOW - HOUR, NOW - HOUR, occupied=True, people=30)])
    app = create_app(ApiSettings(), store, LiveStates(store), lambda: sites, lambda: NOW, CollectorRegistry())
    with Served(app) as served:
        yield served.url
    store.close()


def test_the_request_that_the_readme_shows_is_answered(betahaus: str) -> None:
    (line,) = [line for line in commands(README) if line.startswith("curl")]
    asked = urlsplit(shlex.split(line)[1])
    answer = httpx.get(f"{betahaus}{asked.path.lstrip('/')}?{asked.query}", timeout=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["meta"]["simulated"] is True
    assert {row["group"] for row in answer.json()["rows"]} == {floor.id for floor in load_site(SITE).floors}
    assert any(row["utilisation"] for row in answer.json()["rows"])


def test_the_addresses_that_the_readme_lists_are_those_of_the_api(betahaus: str) -> None:
    paths = httpx.get(betahaus + "openapi.json", timeout=WAIT).json()["paths"]
    section = README.partition("## The API")[2].partition("## ")[0]
    for path in paths:
        assert f"`{path.removeprefix('/v1/sites')}`" in section or path == "/v1/sites", path


def test_what_is_shown_of_the_wire_is_what_our_own_sensors_send() -> None:
    reading = Reading("betahaus", "x", NOW, NOW, occupied=True, battery=87.5, seq=4711)
    assert set(json.loads(encode_reading(reading))) == {"time", "occupied", "battery", "seq"}
