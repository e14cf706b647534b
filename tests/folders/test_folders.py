"""Data folders that commit 1432791 left (tests/folders/make.py): each part opens, says what it said, and goes on."""

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dashboards.api import ApiSettings
from dashboards.rollups.freshness import Fingerprints
from ledig.keeping import Keeper
from spaces.reading import Reading
from spaces.sitefile import load_site
from spaces.times import DAY, HOUR, MINUTE, Millis
from store.live import LiveStates
from store.opening import open_store
from store.rollups import RollupFiles
from store.spool import Spool
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore
from tests.api.office import Office
from tests.brokers import Mosquitto, free_port
from tests.folders.make import ASKED, NOTE, NOW, REFUSED, SEEN_TO, START, WAITING, readings, topic, waiting
from tests.ingest.publishing import Sender
from tests.ledig.running import Running, metric, wait_for
from tests.programs import required
from tests.victoria import Node

PACKED = Path(__file__).with_name("1432791.tar.xz")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with tarfile.open(PACKED) as packed:
        packed.extractall(tmp_path, filter="data")
    return tmp_path


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    (tmp_path / "broker").mkdir()
    started = Mosquitto(required("mosquitto"), tmp_path / "broker", durable=False)
    started.start()
    yield started
    started.stop()


def opened(folder: Path, *, rolled: bool = True) -> Office:
    """Return the API over the folder that `ledig serve` left, its clock at the moment of then."""
    data = folder / "serve/data"
    files = RollupFiles(data / "rollups") if rolled else None
    house = Office(
        data, site=load_site(folder / "serve/sites"), settings=ApiSettings(kept=data / "notes"), rollups=files
    )
    house.now = NOW
    return house


def answered_then(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "serve/asked.json").read_text())
    return found


@pytest.mark.parametrize("rolled", [True, False])
def test_every_answer_is_what_it_was(folder: Path, *, rolled: bool) -> None:
    """Figures, states, sensors, notes and acknowledgements, from roll-ups and from readings."""
    then = answered_then(folder)
    assert all(then[path]["rows"] for path in ASKED)
    with opened(folder, rolled=rolled) as house:
        assert {path: house.answer(path) for path in ASKED} == then


def test_the_store_holds_what_was_said_and_takes_more(folder: Path) -> None:
    """A repeat is still known as one, and a new reading moves the answers of its day alone."""
    store = open_store(folder / "serve/data")
    said = [(one, json.loads(payload)) for one, payload in readings()]
    held = store.read("village", START - DAY, NOW)
    assert sorted(held.time.tolist()) == sorted(told["time"] for _, told in said)
    newest = max(store.latest("village"), key=lambda one: one.time)
    assert (store.append([newest]).duplicate, store.append([_late()]).stored) == (1, 1)
    assert len(store.read("village", START - DAY, NOW).time) == len(said) + 1
    store.close()


def test_roll_ups_hold_and_what_comes_late_is_rolled_up_again(folder: Path) -> None:
    """Not one of them is due, until a reading of that day comes; then answers are those of readings."""
    site, files = load_site(folder / "serve/sites"), RollupFiles(folder / "serve/data/rollups")
    store = open_store(folder / "serve/data")
    live = LiveStates(store)
    keeper = Keeper(site, store, Fingerprints(store, live), files)
    assert keeper.due(NOW, 0.0) == []
    store.append([_late()])
    live.note([_late()])
    assert _late().time // DAY in keeper.due(NOW, 0.0)
    for day in keeper.due(NOW, 0.0):
        keeper.refresh(day, NOW)
    assert keeper.due(NOW, 0.0) == []
    store.close()
    answers = []
    for rolled in (True, False):
        with opened(folder, rolled=rolled) as house:
            answers.append([house.answer(path) for path in ASKED])
    assert answers[0] == answers[1]
    assert answers[0] != list(answered_then(folder).values())


def test_notes_and_acknowledgements_are_there_and_can_be_changed(folder: Path) -> None:
    with opened(folder) as house:
        [kept] = [row for row in house.ask("notes", from_=START, to=NOW) if row["id"]]
        assert (kept["date"], kept["text"]) == (NOTE["date"], NOTE["text"])
        [seen] = house.ask("acknowledgements")
        assert (seen["sensor"], seen["note"]) == SEEN_TO
        url = f"{house.url}v1/sites/village"
        added = httpx.post(f"{url}/notes", json={"date": "2026-11-18", "text": "Heating on"}).json()
        assert httpx.put(f"{url}/acknowledgements/s-room", json={"note": "moved"}).status_code == 204
        assert httpx.delete(f"{url}/notes/{kept['id']}").status_code == 204
    with opened(folder) as house:
        assert [row["id"] for row in house.ask("notes", from_=START, to=NOW)] == [added["id"]]
        assert {row["sensor"] for row in house.ask("acknowledgements")} == {SEEN_TO[0], "s-room"}


def test_ledig_serve_goes_on_in_the_folder(folder: Path, broker: Mosquitto) -> None:
    """What was refused stays and more is added to it; a repeat is a duplicate, and a new reading is stored."""
    file = folder / "serve/data/quarantine/refused.jsonl"
    before = file.read_text().splitlines()
    assert [json.loads(line)["topic"] for line in before] == [name for name, _ in REFUSED]
    port = free_port()
    words = ("--data", "serve/data", "--sites", "serve/sites", "--broker", f"mqtt://127.0.0.1:{broker.port}")
    with Running("serve", *words, "--port", port, folder=folder) as serving, Sender(broker.port) as sender:
        serving.until("page ")
        said = list(readings())
        sender.send(said[-1], (topic("s-room"), json.dumps({"time": NOW, "people": 2})), REFUSED[0])

        def settled(name: str) -> bool:
            return metric(port, f"ledig_ingest_readings_{name}_total") == 1

        wait_for(lambda: settled("duplicate") and settled("stored"), "they are not stored")
        wait_for(lambda: len(file.read_text().splitlines()) == len(REFUSED) + 1, "nothing is added to what was refused")
        for path in [one for one in ASKED if one.startswith(("utilisation", "peaks"))]:
            now = httpx.get(f"http://127.0.0.1:{port}/v1/sites/village/{path}").json()
            assert _over(now) == _over(answered_then(folder)[path]), path
    after = file.read_text().splitlines()
    assert after[: len(before)] == before
    assert json.loads(after[-1])["topic"] == REFUSED[0][0]


def test_spools_are_drained_and_sessions_known(folder: Path, broker: Mosquitto) -> None:
    """What two workers kept while their store was away reaches it; their sessions are ended by a start with one."""
    data = folder / "ingest/data"
    for number in (1, 2):
        spool = Spool(data / f"spool-{number}", most_bytes=1 << 20)
        assert spool.depth() > 0
        spool.close()
    node, metrics = Node(required("victoria-metrics"), folder / "victoria"), free_port(following=1)
    node.start()
    try:
        (folder / "ledig.toml").write_text(
            f'data = "{data}"\nsites = ["{folder / "ingest/sites"}"]\nbroker = "mqtt://127.0.0.1:{broker.port}"\n'
            f'store = "victoriametrics"\nvictoriametrics_url = "{node.url}"\nmetrics_port = {metrics}\n'
        )
        with Running("ingest", "--workers", 2, folder=folder) as workers, Sender(broker.port) as sender:
            workers.until("worker 1 of 2")
            workers.until("worker 2 of 2")
            wait_for(lambda: len(_stored(node)) == WAITING, "the spools are not drained")
            assert _stored(node) == {(one.split("/")[3], json.loads(payload)["time"]) for one, payload in waiting()}
            sender.send((topic("s-room"), json.dumps({"time": NOW + HOUR, "people": 2})))
            wait_for(lambda: ("s-room", NOW + HOUR) in _stored(node), "nothing more is stored")
        with Running("ingest", folder=folder) as alone:
            for number in (1, 2):
                alone.until(f"taking what is queued for ledig-ingest-{number}")
            alone.until("worker 1 of 1")
        assert json.loads((data / "sessions.json").read_text()) == {"ledig-ingest": None}
    finally:
        node.kill()


def _stored(node: Node) -> set[tuple[str, Millis]]:
    store = VictoriaStore(VictoriaSettings(write_url=node.url))
    try:
        found = store.read("village", NOW - DAY, NOW + DAY)
        return {
            (found.sensors[index], time) for index, time in zip(found.sensor.tolist(), found.time.tolist(), strict=True)
        }
    finally:
        store.close()


def _over(answer: dict[str, Any]) -> list[Any]:
    """Return the rows of the days that were over then."""
    rows = [row for row in answer["rows"] if row["time"] < "2026-11-18T23:00:00Z"]
    assert rows
    return rows


def _late() -> Reading:
    """Return a reading that comes late: somebody sat at a flexible desk on Tuesday."""
    time = START + DAY + 11 * HOUR + 7 * MINUTE
    return Reading("village", "s-desk-7", time, NOW, occupied=True)
