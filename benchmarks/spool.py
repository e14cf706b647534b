"""`spool.drain`, `spool.put`, `spool.memory`: through the spool into the embedded store, against live messages into it.

python -m benchmarks.spool [--quick]
or one measurement alone: python -m benchmarks.spool {live|drain|put|sink} COUNT FOLDER
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.draining import Spent, Watch, bench_site
from benchmarks.rows import Row, emit
from ingest.acceptance import Acceptance
from ingest.decoding import Decoder
from ingest.directory import Directory
from ingest.formats.native import Native
from ingest.verdicts import Incoming, readings_of
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from store.embedded.duck import EmbeddedStore
from store.protocol import Appended
from store.spool import Settled, Spool, SpooledStore

BATCH = 5_000
SENSORS = 1_000
BEGINNING = 1_790_000_000_000
MOST_BYTES = 4 << 30


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows: how fast the spool drains and takes readings, and by how much more memory for ten times more."""
    rounds, count = (2, 200_000) if quick else (3, 1_000_000)
    pairs = [(_rate("drain", count), _rate("live", count)) for _ in range(rounds)]
    drain, live = (max(rates) for rates in zip(*pairs, strict=True))  # the best of each: others use the machine too
    yield Row("spool.drain", drain, live, f"rows/s of {count}, against live ones", drain / live)
    put = _rate("put", count)
    yield Row("spool.put", put, live, "rows/s in batches of 5000, against live ones", put / live)
    large, small = (_grown(size) for size in (count, count // 2))
    yield Row("spool.memory", large, small, f"MiB, {count} spooled against {count // 2}", max(small, 1) / max(large, 1))


def _rate(what: str, count: int) -> float:
    return count / _alone(what, count)["seconds"]


def _grown(count: int) -> float:
    return _alone("sink", count)["grown_mib"]


def _alone(what: str, count: int) -> Spent:
    """Measure in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "benchmarks.spool", what, str(count), name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    found: Spent = json.loads(done.stdout)
    return found


def _batches(count: int) -> Iterator[list[Reading]]:
    """Yield what a house of 1,000 sensors says, a reading every millisecond."""
    for start in range(0, count, BATCH):
        yield [_reading(number) for number in range(start, min(start + BATCH, count))]


def _reading(number: int) -> Reading:
    at = BEGINNING + number
    sensor = f"d{number * 7_919 % SENSORS}"
    return Reading("bench", sensor, at, at + 20 + number * 31 % 57, occupied=number % 3 == 0, battery=90.5, seq=number)


def _message(reading: Reading) -> Incoming:
    topic = state_topic(DEFAULT_PREFIX, reading.site, reading.sensor)
    return (1, 1, topic, encode_reading(reading), False)


class _Timed:
    """Adds up the seconds of what is measured: making readings is not part of it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, do: Callable[[Sequence[Any]], object], batch: Sequence[Any]) -> None:
        began = time.perf_counter()
        do(batch)
        self.seconds += time.perf_counter() - began


def _live(count: int, folder: Path) -> Spent:
    """Judge messages and append their readings to the embedded store, as a worker does with live ones."""
    store, timed = EmbeddedStore(folder), _Timed()
    store.append([Reading("warm", "up", 0, 0, occupied=True)])
    site = bench_site(SENSORS)
    directory, decoder = Directory({site.id: site}, "native"), Decoder(Native(DEFAULT_PREFIX))
    acceptance = Acceptance()

    def take(messages: Sequence[Incoming]) -> None:
        store.append(readings_of(acceptance.judge(decoder.decode(messages), directory, BEGINNING + count)))

    watch = Watch()
    for batch in _batches(count):
        timed(take, [_message(reading) for reading in batch])
    spent = watch.spent() | {"seconds": timed.seconds}
    store.close()
    return spent


def _put(count: int, folder: Path) -> Spent:
    """Put readings into a spool."""
    spool, timed = Spool(folder / "spool", most_bytes=MOST_BYTES), _Timed()
    watch = Watch()
    for batch in _batches(count):
        timed(spool.put, batch)
    spent = watch.spent() | {"seconds": timed.seconds}
    spool.close()
    return spent


def _drain(count: int, folder: Path) -> Spent:
    """Drain a spool into the embedded store: from the first step to the last reading's leaving the spool."""
    _put(count, folder)
    settled: list[Settled] = []
    target = EmbeddedStore(folder)
    target.append([Reading("warm", "up", 0, 0, occupied=True)])
    spool = Spool(folder / "spool", most_bytes=MOST_BYTES)
    store = SpooledStore(target, spool, hold=None, settled=settled.append, start=False)
    watch = Watch()
    store.start()
    while store.depth():
        time.sleep(0.005)
    spent = watch.spent()
    store.close()
    assert sum(one.stored for one in settled) == count
    return spent


class _Sink(EmbeddedStore):
    """A store that keeps nothing: what memory grows by is the spool's."""

    def append(self, batch: Sequence[Reading]) -> Appended:
        return Appended(len(batch), 0)


def _sink(count: int, folder: Path) -> Spent:
    """Put readings into a spool and drain it into nothing."""
    watch = Watch()
    _put(count, folder)
    store = SpooledStore(_Sink(folder), Spool(folder / "spool", most_bytes=MOST_BYTES), hold=None)
    while store.depth():
        time.sleep(0.005)
    spent = watch.spent()
    store.close()
    return spent


def main() -> None:
    """Print the rows, or what one measurement took."""
    arguments = sys.argv[1:]
    if len(arguments) == 3:
        what, count, folder = arguments
        measure = {"live": _live, "put": _put, "drain": _drain, "sink": _sink}[what]
        print(json.dumps(measure(int(count), Path(folder))))
    else:
        for row in rows(quick="--quick" in arguments):
            emit(row)


if __name__ == "__main__":
    main()
