"""Real VictoriaMetrics servers of one's own: one node, and a cluster whose nodes can be killed one by one."""

import dataclasses
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from spaces.reading import Reading
from spaces.readings import Readings
from spaces.times import DAY, FOREVER, Millis
from store.fingerprints import QUARTER, Prints
from store.protocol import Appended, Extent
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore
from tests.brokers import WAIT, free_port
from tests.programs import required

_METRICS_KEPT = 1.1
"""Servers count anew once a second what they show on `/metrics`."""
COMMON = ("-retentionPeriod=100y", "-loggerLevel=WARN")


class Program:
    """A child process that answers `/health` on a port of its own."""

    def __init__(self, program: str, folder: Path, *flags: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self._command = [program, f"-httpListenAddr=127.0.0.1:{self.port}", *flags]
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it is our own child that answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + WAIT
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"{self._command[0]} ended: {self._log.read_text()[-500:]}")
            try:
                asked(f"{self.url}/health")
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"{self._command[0]} did not answer within {WAIT:g} s")

    def kill(self) -> None:
        """Kill it without warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(WAIT)
            self._process = None

    def cpu(self) -> float:
        """Return the CPU seconds that it has used: user and system time."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def flush(self) -> None:
        """Let it make all that it was given readable, which else takes up to ten seconds."""
        if self._process is not None:
            asked(f"{self.url}/internal/force_flush")


class Node(Program):
    """A `victoria-metrics` of one node."""

    def __init__(self, program: str, folder: Path, *flags: str) -> None:
        super().__init__(program, folder, f"-storageDataPath={folder / 'data'}", *(flags or COMMON))
        self.data = folder / "data"

    def settings(self) -> VictoriaSettings:
        """Return settings for it; short time-outs, since it is near."""
        return VictoriaSettings(write_url=self.url, connect_timeout=2, timeout=10, read_timeout=20)


@contextmanager
def running_node(folder: Path, *flags: str) -> Iterator[Node]:
    """A running victoria-metrics with an empty folder; skips the test where it is not installed."""
    node = Node(required("victoria-metrics"), folder, *flags)
    try:
        node.start()
        yield node
    finally:
        node.kill()


class Storage(Program):
    """A storage node of a cluster."""

    def __init__(self, program: str, folder: Path) -> None:
        self.insert, self.select = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        self.data = folder / "data"
        flags = (f"-vminsertAddr={self.insert}", f"-vmselectAddr={self.select}", f"-storageDataPath={self.data}")
        super().__init__(program, folder, *flags, *COMMON)


class Cluster:
    """Storage nodes that keep everything twice, and what writes and reads them."""

    def __init__(self, programs: tuple[str, str, str], folder: Path, *, nodes: int = 3) -> None:
        """`programs` are the paths of vminsert, vmselect and vmstorage."""
        insert, select, storage = programs
        self.nodes = [Storage(storage, folder / f"node{number}") for number in range(nodes)]
        twice = ("-replicationFactor=2", "-loggerLevel=WARN")
        inserts, selects = (",".join(addresses) for addresses in self._addresses())
        self.insert = Program(insert, folder / "insert", f"-storageNode={inserts}", *twice)
        cache = f"-cacheDataPath={folder / 'select' / 'cache'}"
        self.select = Program(select, folder / "select", f"-storageNode={selects}", cache, *twice)

    def start(self) -> None:
        """Start all of it, and wait until vminsert has dialled all nodes, which it does five times a second."""
        for program in (*self.nodes, self.insert, self.select):
            program.start()
        time.sleep(0.5)

    def settings(self, tenant: int = 0) -> VictoriaSettings:
        """Return settings for a tenant, who sees nothing of the others."""
        return VictoriaSettings(
            write_url=f"{self.insert.url}/insert/{tenant}/influx",
            read_url=f"{self.select.url}/select/{tenant}/prometheus",
            connect_timeout=2,
            timeout=10,
            read_timeout=20,
        )

    def flush(self) -> None:
        """Let everything become readable: vminsert has sent what it was given, and each node shows what it got."""
        time.sleep(_METRICS_KEPT)
        deadline = time.monotonic() + WAIT
        while _sum(asked(f"{self.insert.url}/metrics"), "vm_rpc_rows_pending") and time.monotonic() < deadline:
            time.sleep(0.1)
        for node in self.nodes:
            node.flush()

    def kill(self) -> None:
        """Kill all of it."""
        for program in (self.insert, self.select, *self.nodes):
            program.kill()

    def _addresses(self) -> Iterator[Sequence[str]]:
        yield [node.insert for node in self.nodes]
        yield [node.select for node in self.nodes]


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """A running cluster of three storage nodes with empty folders; skips the test where it is not installed."""
    cluster = Cluster((required("vminsert"), required("vmselect"), required("vmstorage")), folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.kill()


class ContractStore(VictoriaStore):
    """A store for the contract, whose server is made to show what it was given before each question.

    A server shows it after up to ten seconds by itself; that is tested apart. And as it knows nothing of the first
    days of 1970, in which the contract plays, all times are shifted by SHIFT on their way in and back.
    """

    SHIFT = 3 * DAY

    def __init__(self, settings: VictoriaSettings, server: Node | Cluster) -> None:
        super().__init__(settings)
        self._flush = server.flush
        self._written = False

    def append(self, batch: Sequence[Reading]) -> Appended:
        appended = super().append(_shifted(batch, self.SHIFT))
        self._written = True
        return appended

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        self._shown()
        found = super().read(site, start + self.SHIFT, end + self.SHIFT)
        return dataclasses.replace(found, time=found.time - self.SHIFT)

    def rows(self, site: str, start: Millis, end: Millis) -> Iterator[Sequence[Reading]]:
        self._shown()
        found = super().rows(site, start + self.SHIFT, end + self.SHIFT)
        return (_shifted(batch, -self.SHIFT) for batch in found)

    def latest(self, site: str, until: Millis = FOREVER) -> list[Reading]:
        self._shown()
        return _shifted(super().latest(site, until + self.SHIFT), -self.SHIFT)

    def extent(self, site: str) -> Extent | None:
        self._shown()
        found = super().extent(site)
        return None if found is None else Extent(found.first - self.SHIFT, found.last - self.SHIFT)

    def sites(self) -> tuple[str, ...]:
        self._shown()
        return super().sites()

    def fingerprints(self, site: str, start: Millis, end: Millis, width: Millis = QUARTER) -> Prints:
        self._shown()
        return super().fingerprints(site, start + self.SHIFT, end + self.SHIFT, width)

    def _shown(self) -> None:
        if self._written:
            self._written = False
            self._flush()


def _shifted(batch: Sequence[Reading], by: Millis) -> list[Reading]:
    return [msgspec.structs.replace(row, time=row.time + by, received=row.received + by) for row in batch]


def asked(url: str) -> str:
    """Return what a URL answers."""
    with urllib.request.urlopen(url, timeout=WAIT) as answer:
        text: str = answer.read().decode()
    return text


def _sum(metrics: str, name: str) -> float:
    lines = [line for line in metrics.splitlines() if line.startswith(name) and 'rpc_call="metric_rows"' in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)
