"""The worker's counts for Prometheus. One snapshot a scrape, so that promise 3 can be checked on any of them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingest.worker import Worker
from store.spool import SpooledStore


class IngestCollector(Collector):
    """Collects what a worker has counted. Register it: `registry.register(IngestCollector(worker))`."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def collect(self) -> Iterator[Metric]:
        """Yield the counts: received = stored + duplicate + status + refused (all reasons) + in flight + spooled."""
        count = self._worker.ledger.count()
        for name, value, text in (
            ("received", count.received, "Messages read from the broker."),
            ("stored", count.stored, "Messages whose reading was committed."),
            ("duplicate", count.duplicate, "Messages recognised before writing as stored already."),
            ("status", count.status, "Status messages that change nothing."),
        ):
            yield CounterMetricFamily(f"ledig_ingest_messages_{name}", text, value=value)
        refused = CounterMetricFamily(
            "ledig_ingest_messages_refused", "Messages refused, by reason.", labels=["reason"]
        )
        for reason, number in sorted(count.refused.items()):
            refused.add_metric([reason], number)
        yield refused
        yield GaugeMetricFamily(
            "ledig_ingest_messages_in_flight", "Messages read and not settled.", value=count.in_flight
        )
        yield GaugeMetricFamily(
            "ledig_ingest_messages_spooled", "Messages on their way by the spool.", value=count.spooled
        )
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
