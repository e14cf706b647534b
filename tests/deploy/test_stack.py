"""The deployment as a whole, without containers: every command, environment and health check of the file is run."""

import http.server
import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.deploy.compose import Place, services
from tests.deploy.conftest import start_broker
from tests.deploy.running import WAIT, Running, check, may_guard, ours_is_reachable, program
from tests.programs import required


def influxdb(place: Place) -> Running:
    """Start InfluxDB, and do to an empty one what the entry point of its image does."""
    found = required("influxd")
    version = subprocess.run([found, "version"], capture_output=True, text=True, check=False).stdout
    if "InfluxDB v2" not in version and "InfluxDB 2" not in version:
        pytest.skip(f"the influxd here is not of version 2: {version.strip()}")
    fresh = not (place.folder / "volumes/influxdb-data/influxd.bolt").exists()
    running = Running(place, "influxdb", [found])
    running.until_healthy()
    if fresh:
        told = {
            key.removeprefix("DOCKER_INFLUXDB_INIT_"): value for key, value in place.environment("influxdb").items()
        }
        setup = {key.lower(): told[key] for key in ("USERNAME", "ORG", "BUCKET")}
        setup["password"] = Path(told["PASSWORD_FILE"]).read_text()
        setup["token"] = Path(told["ADMIN_TOKEN_FILE"]).read_text()
        address = f"http://127.0.0.1:{place.ports['8086']}/api/v2/setup"
        httpx.post(address, json=setup, timeout=WAIT).raise_for_status()
    return running


def victoriametrics(place: Place) -> Running:
    """Start VictoriaMetrics."""
    running = Running(place, "victoriametrics", program("victoria-metrics", place.command("victoriametrics")))
    running.until_healthy()
    return running


def ours(place: Place, name: str) -> Running:
    """Start one of our own services."""
    return Running(place, name, program("ledig", place.command(name)))


STORES: dict[str, tuple[Callable[[Place], Running], str, str]] = {
    "influxdb": (influxdb, "ingest", "api"),
    "victoriametrics": (victoriametrics, "ingest-victoriametrics", "api-victoriametrics"),
}


@contextmanager
def stack(place: Place, kind: str) -> Iterator[tuple[Running, Running]]:
    """Run broker, store, ingest and API in the order in which they wait for each other; give store and API."""
    start, ingest, api = STORES[kind]
    with ExitStack() as stack:
        stack.enter_context(start_broker(place)).until_healthy()
        store = stack.enter_context(start(place))
        assert check(place, ingest).returncode == 1
        stack.enter_context(ours(place, ingest)).until_healthy()
        assert check(place, api).returncode == 1
        answering = stack.enter_context(ours(place, api))
        answering.until_healthy()
        yield store, answering


@pytest.mark.parametrize("kind", STORES)
def test_what_simulated_sensors_say_is_shown(place: Place, kind: str) -> None:
    with stack(place, kind), ours(place, "simulator") as simulator:
        _await(lambda: _heard(place) > 100, lambda: simulator.said)
        assert simulator.end() == 0
        assert "published" in simulator.said


@pytest.mark.parametrize("kind", STORES)
def test_the_health_check_of_the_api_tells_whether_its_store_is_there(place: Place, kind: str) -> None:
    api = STORES[kind][2]
    with stack(place, kind) as (store, answering):
        assert store.end() in {0, -15}
        _await(lambda: check(place, api).returncode == 1, lambda: answering.said)
        with STORES[kind][0](place):
            answering.until_healthy()
            assert answering.end() == 0


def test_our_services_write_nothing_but_to_their_volumes(place: Place) -> None:
    if not may_guard():
        pytest.skip("only root can run a program in a root file system that is read-only")
    with stack(place, "victoriametrics") as (_, answering):
        assert "Read-only file system" not in answering.said
        log = (place.folder / "ingest-victoriametrics.log").read_text()
        assert "Read-only file system" not in log
        written = list((place.folder / "volumes/ingest-victoriametrics-data").rglob("*"))
        assert written
        assert {path.stat().st_uid for path in written} == {10001 if ours_is_reachable() else 0}


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers as Grafana does about its health, well or not."""

    status = 200

    def do_GET(self) -> None:
        body = json.dumps({"database": "ok" if self.status == 200 else "failing"}).encode()
        self.send_response(self.status if self.path == "/api/health" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.mark.parametrize(("status", "expected"), [(200, True), (503, False)])
def test_the_health_check_of_grafana_goes_by_what_is_answered(place: Place, status: int, *, expected: bool) -> None:
    """There is no Grafana here: this tries the command, not what it asks."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", int(place.ports["3000"])), type("Handler", (_Answers,), {"status": status})
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        assert (check(place, "grafana").returncode == 0) is expected
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert check(place, "grafana").returncode != 0, "nobody listens any more"


def test_every_service_was_run_here_but_those_that_are_named() -> None:
    run = {"mosquitto", "simulator", *STORES, *(name for _, *names in STORES.values() for name in names)}
    assert services().keys() - run == {"grafana", "victoriametrics-folder"}


def _heard(place: Place) -> int:
    """Return how many sensors the API has heard of."""
    address = f"http://127.0.0.1:{place.ports['8080']}/v1/sites/betahaus/sensors"
    assert httpx.get(address, timeout=WAIT).status_code == 401, "nobody sees anything without the key"
    headers = {"Authorization": f"Bearer {(place.secrets / 'api-key').read_text()}"}
    answer = httpx.get(address, headers=headers, timeout=WAIT)
    assert answer.status_code == 200, answer.text
    pipeline = httpx.get(f"http://127.0.0.1:{place.ports['8080']}/v1/pipeline", headers=headers, timeout=WAIT)
    assert [row["up"] for row in pipeline.json()["rows"]] == [1], "ingest is asked for its numbers"
    return sum(row["last"] is not None for row in answer.json()["rows"])


def _await(true: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < deadline, said()
        time.sleep(0.2)
