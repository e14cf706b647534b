"""`ingest.embedded`: from a full QoS 1 session on real Mosquitto to committed rows, against paho alone.

The server stores are measured in the same way, by `compared`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.brokered import fill, open_session
from benchmarks.draining import Spent
from benchmarks.rows import Row, emit
from tests.brokers import Mosquitto
from tests.programs import path_of

WINDOW = 10_000
PROTOCOLS = ("5", "3.1.1")
PAHO = ("paho-50", "paho-1000", "paho-5000")
"""Reads a turn at most: many acknowledgements at once are easier on the broker, few are fresher in the cache."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows: messages a second and CPU a message by protocol, then memory on a large backlog."""
    program = path_of("mosquitto")
    if program is None:
        return
    yield from compared("ingest.embedded", lambda: "embedded", quick=quick)
    small, large = (50_000, 100_000) if quick else (500_000, 1_000_000)
    grown = [_alone(program, size)["grown_mib"] for size in (large, small)]
    yield Row("ingest.memory", grown[0], grown[1], f"MiB, backlog of {large} against {small}", grown[1] / grown[0])


def compared(name: str, fresh: Callable[[], str], *, quick: bool) -> Iterator[Row]:
    """Yield messages a second and CPU a message by protocol; `fresh` names an empty store for a round."""
    program = path_of("mosquitto")
    if program is None:
        return
    rounds, count = (2, 20_000) if quick else (5, 100_000)
    for protocol in PROTOCOLS:
        pairs = [_round(program, protocol, count, fresh()) for _ in range(rounds)]
        yield from pair_rows(name if protocol == "5" else f"{name}.mqtt{protocol}", pairs, count)


def pair_rows(name: str, pairs: Sequence[tuple[Spent, Spent]], count: int) -> Iterator[Row]:
    """Yield messages a second and CPU a message of pairs of (ours, baseline) that each took so many messages."""
    rates = [(count / ours["seconds"], count / baseline["seconds"]) for ours, baseline in pairs]
    yield _row(name, rates, "messages/s", more=True)
    cpu = [(1e6 * ours["cpu"] / count, 1e6 * baseline["cpu"] / count) for ours, baseline in pairs]
    yield _row(f"{name}.cpu", cpu, "us/message", more=False)


def _row(name: str, pairs: list[tuple[float, float]], unit: str, *, more: bool) -> Row:
    """Return the pair whose ratio is the median one: the two of a pair ran one after the other."""
    ratios = [(a / b if more else b / a, a, b) for a, b in pairs]
    middle = median([ratio for ratio, _, _ in ratios])
    ratio, ours, baseline = min(ratios, key=lambda found: abs(found[0] - middle))
    return Row(name, ours, baseline, unit, ratio)


def _round(program: str, protocol: str, count: int, store: str) -> tuple[Spent, Spent]:
    """Return what ours and the fastest of paho's loops took, each with a session of the same messages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(program, folder, durable=False)
        broker.start()
        try:
            for who in (*PAHO, "ours"):
                open_session(broker.port, who, protocol)
            fill(broker.port, count)
            paho = [drain(who, broker.port, protocol, count, folder) for who in PAHO]
            ours = drain("ours", broker.port, protocol, count, folder, store)
        finally:
            broker.kill()
    return ours, min(paho, key=lambda spent: spent["seconds"])


def _alone(program: str, count: int) -> Spent:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        broker = Mosquitto(program, folder, durable=False)
        broker.start()
        try:
            open_session(broker.port, "ours", "5")
            fill(broker.port, count)
            return drain("ours", broker.port, "5", count, folder)
        finally:
            broker.kill()


def drain(who: str, port: int, protocol: str, count: int, folder: Path, store: str = "embedded") -> Spent:  # noqa: PLR0913, PLR0917
    """Drain a session in a process of its own (benchmarks/draining.py) and return what it took."""
    command = [sys.executable, "-m", "benchmarks.draining", who, str(port), protocol, str(count), str(WINDOW)]
    command += [str(folder / "store"), store]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    found: Spent = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        emit(row)
