"""`ledig ingest` and `ledig api` as processes of their own, over a real server store and a real broker."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ledig.main import run
from ledig.sessions import Sessions
from store.victoria.victoria import VictoriaStore
from tests.brokers import Mosquitto, free_port
from tests.ingest.publishing import Sender
from tests.ledig.running import Running, listens, metric, rows, wait_for
from tests.ledig.test_commands import house
from tests.programs import required
from tests.victoria import Node

TOPIC = "ledig/v1/hut/d1/state"
START = 1_790_000_000_000


@pytest.fixture
def victoria(tmp_path: Path) -> Iterator[Node]:
    node = Node(required("victoria-metrics"), tmp_path / "victoria")
    node.start()
    yield node
    node.kill()


class Split:
    """The settings of both commands."""

    def __init__(self, folder: Path, broker: Mosquitto, victoria: Node) -> None:
        self.data, self.victoria, self.broker = folder / "data", victoria, broker
        self.port, self.metrics, self.rollup_metrics = free_port(), free_port(following=1), free_port()
        self.settings = folder / "ledig.toml"
        self.settings.write_text(
            f'data = "{self.data}"\nsites = ["{house(folder)}"]\nbroker = "mqtt://127.0.0.1:{broker.port}"\n'
            f'store = "victoriametrics"\nvictoriametrics_url = "{victoria.url}"\nmetrics_port = {self.metrics}\n'
            f"rollup_metrics_port = {self.rollup_metrics}\n"
        )

    def ingest(self, *more: object) -> Running:
        return Running("ingest", "--settings", self.settings, *more)

    def api(self) -> Running:
        return Running("api", "--settings", self.settings, "--port", self.port)

    def stored(self) -> list[int]:
        """Return the sequence numbers that the store holds of the site's one sensor."""
        self.victoria.flush()
        store = VictoriaStore(self.victoria.settings())
        try:
            found = [reading.seq for batch in store.rows("hut", START, START + 10**9) for reading in batch]
        finally:
            store.close()
        return sorted(number for number in found if number is not None)


@pytest.fixture
def split(tmp_path: Path, quick_mosquitto: Mosquitto, victoria: Node) -> Split:
    return Split(tmp_path, quick_mosquitto, victoria)


def state(number: int) -> tuple[str, str]:
    return TOPIC, f'{{"time":{START + number},"occupied":{str(number % 2 == 0).lower()},"seq":{number}}}'


def is_up(port: int) -> bool:
    return listens(port) and metric(port, "ledig_ingest_up") == 1


def test_what_one_process_ingests_another_one_shows_at_once(split: Split) -> None:
    with split.ingest() as ingesting, split.api() as showing:
        showing.until("page ")
        wait_for(lambda: is_up(split.metrics), "ingest does not connect")
        ready = f"http://127.0.0.1:{split.port}/readyz"
        wait_for(lambda: httpx.get(ready).status_code == 200, "the API does not get ready")
        with Sender(split.broker.port) as sender:
            for used in ("true", "false"):
                sender.send((TOPIC, f'{{"occupied":{used}}}'))
                wanted = "occupied" if used == "true" else "vacant"
                wait_for(
                    lambda wanted=wanted: rows(split.port, "v1/sites/hut/status", group="space")[0]["state"] == wanted,  # type: ignore[misc]  # mypy does not infer the default
                    "the API does not show it",
                )
        for running in (ingesting, showing):
            running.interrupt()
            assert running.ended() == 0


def test_several_workers_share_and_one_that_is_killed_loses_nothing(split: Split) -> None:
    with split.ingest("--workers", 2) as ingesting:
        ports = (split.metrics, split.metrics + 1)
        wait_for(lambda: all(is_up(port) for port in ports), "the workers do not connect")
        with Sender(split.broker.port) as sender:
            sender.send_all(state(number) for number in range(2_000))
            os.kill(_worker(ingesting.process.pid, 2), signal.SIGKILL)
            sender.send_all(state(number) for number in range(2_000, 4_000))
        ingesting.until("worker 2 ended with -9; it is started again")
        wait_for(lambda: split.stored() == list(range(4_000)), "not everything is stored")
        ingesting.interrupt()
        assert ingesting.ended() == 0


def _worker(parent: int, number: int) -> int:
    command = ["pgrep", "-P", str(parent), "-f", "--", f"--worker {number}$"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_fewer_workers_take_what_was_queued_for_those_that_are_gone(split: Split) -> None:
    with split.ingest("--workers", 2) as ingesting:
        wait_for(lambda: all(is_up(port) for port in (split.metrics, split.metrics + 1)), "they do not connect")
        ingesting.interrupt()
        assert ingesting.ended() == 0
    with Sender(split.broker.port) as sender:
        sender.send_all(state(number) for number in range(500))
    with split.ingest() as alone:
        alone.until("taking what is queued for ledig-ingest-1")
        alone.until("taking what is queued for ledig-ingest-2")
        wait_for(lambda: is_up(split.metrics), "ingest does not connect")
        with Sender(split.broker.port) as sender:
            sender.send_all(state(number) for number in range(500, 600))
        wait_for(lambda: split.stored() == list(range(600)), "not everything is stored")
        assert metric(split.metrics, "ledig_ingest_messages_received_total") == 600
        assert metric(split.metrics, "ledig_ingest_readings_spooled") >= 0
        alone.interrupt()
        assert alone.ended() == 0
    assert Sessions(split.data)._read() == {"ledig-ingest": None}


def test_workers_end_with_their_parent_however_it_ends(split: Split) -> None:
    with split.ingest("--workers", 2) as ingesting:
        wait_for(lambda: all(is_up(port) for port in (split.metrics, split.metrics + 1)), "they do not connect")
        ingesting.process.kill()
        wait_for(lambda: not listens(split.metrics) and not listens(split.metrics + 1), "workers are left")


def test_check_explains_what_waits_in_the_spool(split: Split, capfd: pytest.CaptureFixture[str]) -> None:
    with split.ingest() as ingesting:
        wait_for(lambda: is_up(split.metrics), "ingest does not connect")
        split.victoria.kill()
        with Sender(split.broker.port) as sender:
            sender.send_all(state(number) for number in range(50))
        wait_for(lambda: metric(split.metrics, "ledig_spool_readings") == 50, "the spool does not take them")
        assert run(["check", "--settings", str(split.settings)]) == 2
        said = capfd.readouterr()
        assert "is in use" in said.out
        assert "store: " in said.err
        ingesting.interrupt()
        assert ingesting.ended() == 0
    run(["check", "--settings", str(split.settings)])
    assert "50 readings wait, the oldest since" in capfd.readouterr().out
    split.victoria.start()
    with split.ingest() as ingesting:
        wait_for(lambda: split.stored() == list(range(50)), "the spool is not written")
        ingesting.interrupt()
        assert ingesting.ended() == 0


@pytest.mark.parametrize("command", ["ingest", "api"])
def test_the_embedded_store_belongs_to_one_process(
    command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    more = ["--workers", "2"] if command == "ingest" else []
    assert run([command, "--sites", str(house(tmp_path)), *more]) == 2
    assert "the embedded store belongs to one process" in capfd.readouterr().err


def test_sharing_needs_mqtt_5(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDIG_MQTT_PROTOCOL", "3.1.1")
    monkeypatch.setenv("LEDIG_STORE", "victoriametrics")
    assert run(["ingest", "--sites", str(house(tmp_path)), "--workers", "2"]) == 2
    assert 'set mqtt_protocol to "5"' in capfd.readouterr().err
