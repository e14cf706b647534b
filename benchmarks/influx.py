"""`ingest.influxdb` against paho alone, `ingest.telegraf` against Telegraf where there is one, and `influxdb.read`.

The server is a real InfluxDB 2 of the benchmark's own, an influxd of version 2 on PATH. It shares the machine with
the broker and with whoever drains.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import urllib3
from pyarrow import csv as pacsv

from benchmarks.brokered import PREFIX, SENSORS, SITE, START, fill, open_session
from benchmarks.draining import Spent
from benchmarks.ingest import compared, drain, pair_rows
from benchmarks.rows import Row, emit
from spaces.reading import Reading
from spaces.times import MINUTE, SECOND
from store.influx.connection import Connection
from store.influx.flux import literal, within
from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore
from tests.brokers import Mosquitto
from tests.influx import Influxd, influxd_path
from tests.programs import path_of

BATCH = 5_000
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 180.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    program = influxd_path()
    if program is None:
        return
    with tempfile.TemporaryDirectory() as name:
        server = Influxd(program, Path(name))
        server.start()
        try:
            yield from compared("ingest.influxdb", lambda: named(server.settings()), quick=quick)
            yield from _against_telegraf(server, quick=quick)
            yield _reading(server.settings(), 200_000 if quick else 1_000_000)
        finally:
            server.kill()


def named(settings: InfluxSettings) -> str:
    """Return a store as an argument of benchmarks/draining.py."""
    return json.dumps({"influxdb": asdict(settings)})


def _reading(settings: InfluxSettings, count: int) -> Row:
    """Return readings a second of `read`, and of the same columns asked for in InfluxQL (docs/decisions/0010)."""
    store = InfluxStore(settings)
    sensors = 200
    for start in range(0, count, BATCH):
        store.append([_said(number, sensors) for number in range(start, start + BATCH)])
    end = START + count // sensors * MINUTE
    ours, theirs = [], []
    for _ in range(3):
        began = time.perf_counter()
        assert len(store.read(SITE, START, end)) == count
        ours.append(count / (time.perf_counter() - began))
        began = time.perf_counter()
        assert _by_influxql(settings) == count
        theirs.append(count / (time.perf_counter() - began))
    store.close()
    return Row("influxdb.read", max(ours), max(theirs), f"readings/s of {count}", max(ours) / max(theirs))


def _said(number: int, sensors: int) -> Reading:
    """Return a reading; one in a hundred does not know, one sensor in four counts."""
    sensor, time = number % sensors, START + number // sensors * MINUTE + number * 7919 % MINUTE
    people = number // sensors % 5 if sensor % 4 == 0 else None
    occupied = None if number % 101 == 0 else number % 7 < 3
    return Reading(SITE, f"d{sensor}", time, time + number % 80, occupied, people, None, number // sensors)


def _by_influxql(settings: InfluxSettings) -> int:
    """Return how many rows InfluxQL answers, in columns."""
    question = f"SELECT occupied, unknown, people, sensor FROM occupancy WHERE site = '{SITE}'"
    with urllib3.PoolManager(timeout=60.0) as pool:
        answer = pool.request(
            "GET",
            f"{settings.url}/query",
            fields={"db": settings.bucket, "q": question, "epoch": "ns"},
            headers={"Authorization": f"Token {settings.token}", "Accept": "application/csv"},
        )
    return len(pacsv.read_csv(pa.BufferReader(answer.data)))


def _against_telegraf(server: Influxd, *, quick: bool) -> Iterator[Row]:
    """Yield our rate and CPU beside Telegraf's on MQTT 3.1.1, which it speaks; each fills a bucket of its own."""
    telegraf, mosquitto = path_of("telegraf"), path_of("mosquitto")
    if telegraf is None or mosquitto is None:
        return
    rounds, count = (2, 30_000) if quick else (3, 100_000)
    pairs = [_telegraf_round(telegraf, mosquitto, server, count) for _ in range(rounds)]
    yield from pair_rows("ingest.telegraf", pairs, count)


def _telegraf_round(telegraf: str, mosquitto: str, server: Influxd, count: int) -> tuple[Spent, Spent]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(mosquitto, folder, durable=False)
        broker.start()
        try:
            for who in ("telegraf", "ours"):
                open_session(broker.port, who, "3.1.1")
            fill(broker.port, count)
            settings = server.settings()
            (folder / "telegraf.conf").write_text(_configuration(broker.port, settings))
            theirs = _telegraf(telegraf, settings, count, folder)
            ours = drain("ours", broker.port, "3.1.1", count, folder, named(server.settings()))
        finally:
            broker.kill()
    return ours, theirs


def _telegraf(program: str, settings: InfluxSettings, count: int, folder: Path) -> Spent:
    """Let Telegraf drain the session; return what it took from connecting to its last commit, as of ours."""
    connection, broker_log = Connection(settings), folder / "mosquitto.log"
    before = broker_log.read_bytes().count(b" as telegraf ")
    with (folder / "telegraf.log").open("wb") as log:
        process = subprocess.Popen([program, "--config", str(folder / "telegraf.conf")], stdout=log, stderr=log)
    try:
        _wait(process, lambda: broker_log.read_bytes().count(b" as telegraf ") > before, 0.005)
        begun, used = time.perf_counter(), _cpu(process)
        _wait(process, lambda: _last_is_there(connection, settings.bucket, count), 0.03)
        return {"seconds": time.perf_counter() - begun, "cpu": _cpu(process) - used, "grown_mib": 0.0}
    except TimeoutError:
        raise RuntimeError((folder / "telegraf.log").read_text()[-800:]) from None
    finally:
        process.kill()
        process.wait(10)
        connection.close()


def _wait(process: subprocess.Popen[bytes], reached: Callable[[], bool], pause: float) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not reached():
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(pause)


def _last_is_there(connection: Connection, bucket: str, count: int) -> bool:
    """Whether the last state of every sensor is committed: a cheap question, and batches keep the order of arrival."""
    last = START + (count // SENSORS - 1) * SECOND
    question = (
        f"from(bucket: {literal(bucket)}) |> {within(last, last + SECOND)}"
        ' |> filter(fn: (r) => r._measurement == "occupancy" and r._field == "seq") |> count() |> group() |> sum()'
    )
    return sum(int(value) for (value,) in connection.rows(question, "_value")) == SENSORS


def _cpu(process: subprocess.Popen[bytes]) -> float:
    """Return the CPU seconds that a process has used: user and system time."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _configuration(port: int, settings: InfluxSettings) -> str:
    """Return Telegraf's configuration for the same work: state and sequence number by site and sensor."""
    return f"""
[agent]
  metric_batch_size = {BATCH}
  metric_buffer_limit = {20 * BATCH}
  flush_interval = "1s"
  omit_hostname = true
  quiet = true
[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{port}"]
  topics = ["{PREFIX}/#"]
  topic_tag = ""
  qos = 1
  client_id = "telegraf"
  persistent_session = true
  max_undelivered_messages = {BATCH}
  data_format = "json_v2"
  [[inputs.mqtt_consumer.topic_parsing]]
    topic = "{PREFIX}/+/+/state"
    tags = "_/_/site/sensor/_"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "occupancy"
    timestamp_path = "time"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.field]]
      path = "occupied"
      type = "bool"
    [[inputs.mqtt_consumer.json_v2.field]]
      path = "seq"
      type = "int"
[[outputs.influxdb_v2]]
  urls = ["{settings.url}"]
  token = "{settings.token}"
  organization = "{settings.org}"
  bucket = "{settings.bucket}"
  content_encoding = "identity"
"""


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)
