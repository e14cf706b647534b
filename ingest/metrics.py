"""The worker's counts for Prometheus. One snapshot a scrape, so that promise 3 can be checked on any of them."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.ledger import MessageCount, ReadingCount
from ingest.settings import NATIVE
from ingest.worker import Worker
from store.spool import SpooledStore


class IngestCollector(Collector):
    """Collects what workers have counted. Register it: `registry.register(IngestCollector(worker))`.

    Where sources are named each has the label `source`.
    """

    def __init__(self, *workers: Worker) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        """Yield the counts of messages and of readings, and whether and how well they come."""
        families: dict[str, Metric] = {}
        for worker in self._workers:
            named = {} if worker.settings.source == NATIVE else {"source": worker.settings.source}
            for metric in _WorkerCounts(worker).collect():
                family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
                for sample in metric.samples:
                    family.add_sample(sample.name, {**named, **sample.labels}, sample.value)
        yield from families.values()


class _WorkerCounts:
    """What one worker has counted."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        count = self._worker.ledger.count()
        yield from _messages(count.messages)
        yield from _readings(count.readings)
        up = self._worker.trouble() is None
        yield GaugeMetricFamily("ledig_ingest_up", "Whether messages are being stored.", value=up)
        missing = self._worker.gaps.missing
        yield GaugeMetricFamily(
            "ledig_ingest_sequence_missing", "Messages that sensors numbered and that never came.", value=missing
        )
        yield from self._quarantine()

    def _quarantine(self) -> Iterator[Metric]:
        kept = self._worker.quarantine
        for name, value, text in (
            ("rotated_out", kept.rotated_out, "Refused messages that were kept and had to make room."),
            ("unkept", kept.unkept, "Refused messages that could not be written down."),
        ):
            yield CounterMetricFamily(f"ledig_quarantine_{name}", text, value=value)


def _messages(count: MessageCount) -> Iterator[Metric]:
    """Yield: received = accepted + status + ignored (all sources) + refused (all reasons) + in flight."""
    name = "ledig_ingest_messages"
    yield CounterMetricFamily(f"{name}_received", "Messages read from the broker.", value=count.received)
    text = "Messages of which readings came that are all settled."
    yield CounterMetricFamily(f"{name}_accepted", text, value=count.accepted)
    yield CounterMetricFamily(f"{name}_status", "Status messages that change nothing.", value=count.status)
    text = "Messages that say nothing about presence, by family of sources."
    yield _by(f"{name}_ignored", text, "family", count.ignored)
    yield _by(f"{name}_refused", "Messages of which no reading came, by reason.", "reason", count.refused)
    yield GaugeMetricFamily(f"{name}_in_flight", "Messages read and not settled.", value=count.in_flight)


def _readings(count: ReadingCount) -> Iterator[Metric]:
    """Yield: read = stored + duplicate + refused (all reasons) + in flight + spooled."""
    name = "ledig_ingest_readings"
    yield CounterMetricFamily(f"{name}_read", "Readings in accepted messages.", value=count.read)
    yield CounterMetricFamily(f"{name}_stored", "Readings committed.", value=count.stored)
    text = "Readings recognised before writing as stored already."
    yield CounterMetricFamily(f"{name}_duplicate", text, value=count.duplicate)
    text = "Readings refused by the store, or beside others of their message, by reason."
    yield _by(f"{name}_refused", text, "reason", count.refused)
    yield GaugeMetricFamily(f"{name}_in_flight", "Readings not settled.", value=count.in_flight)
    yield GaugeMetricFamily(f"{name}_spooled", "Readings on their way by the spool.", value=count.spooled)
    text = "Values that cannot be, of fields that a reading can do without, by field."
    yield _by("ledig_ingest_fields_unfit", text, "field", count.unfit)


def _by(name: str, text: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, text, labels=[label])
    for value, number in sorted(counts.items()):
        family.add_metric([value], number)
    return family


class SpoolCollector(Collector):
    """Collects what lies in a spool, and for how long."""

    def __init__(self, store: SpooledStore) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        """Yield depth, size and lag of the spool, and whether the store behind it takes readings."""
        for name, value, text in (
            ("readings", self._store.depth(), "Readings in the spool, held ones included."),
            ("bytes", self._store.bytes(), "Size of the spool on disk."),
            ("lag_seconds", self._store.lag(), "Age of the oldest spooled reading that the store has not answered."),
            ("up", self._store.trouble() is None, "Whether the store behind the spool takes readings."),
        ):
            yield GaugeMetricFamily(f"ledig_spool_{name}", text, value=value)
        lost = self._store.spool.damaged().readings
        yield CounterMetricFamily("ledig_spool_damaged", "Readings lost to damage of the spool's files.", value=lost)
