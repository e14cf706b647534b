"""What the way from the broker to the store is doing, process by process, for dashboards and alarms.

The numbers are those of /metrics; whoever asks brings those of each process.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from statistics import median
from typing import NamedTuple

from prometheus_client import Metric

from analytics.privacy.disclosure import Row
from dashboards.answers import definitions
from dashboards.answers.answer import Answer
from dashboards.answers.context import Context
from spaces.site import Site
from spaces.times import MINUTE, SECOND, rfc3339

THIS = "this process"
NO_INGEST = "no ingest in this process; name the workers' addresses in ingest_urls"
_INGEST = {
    "received": "ledig_ingest_messages_received_total",
    "stored": "ledig_ingest_readings_stored_total",
    "duplicate": "ledig_ingest_readings_duplicate_total",
    "status": "ledig_ingest_messages_status_total",
    "in_flight": "ledig_ingest_messages_in_flight",
    "spooled": "ledig_ingest_readings_spooled",
    "missing": "ledig_ingest_sequence_missing",
    "up": "ledig_ingest_up",
    "spool_readings": "ledig_spool_readings",
    "spool_bytes": "ledig_spool_bytes",
    "spool_lag_seconds": "ledig_spool_lag_seconds",
    "spool_up": "ledig_spool_up",
    "spool_damaged": "ledig_spool_damaged_total",
    "unkept": "ledig_quarantine_unkept_total",
}
_REFUSED = ("ledig_ingest_messages_refused_total", "ledig_ingest_readings_refused_total")
_BECAME = ("stored", "duplicate", "status", "in_flight", "spooled")


class Process(NamedTuple):
    """A process: its name, its counts by (metric, reason), and why there are none."""

    name: str
    counts: Mapping[tuple[str, str], float]
    reason: str | None = None


def find_pipeline(context: Context, sites: Collection[Site], processes: Iterable[Process]) -> Answer:
    """Return how each process is doing that takes messages in, and how far behind some sites are.

    Raises:
        StoreError: the store cannot be read.
    """
    return _answer(context, sites, "pipeline", definitions.PIPELINE_COLUMNS, _rows(context, sites, processes))


def find_messages(context: Context, sites: Collection[Site], processes: Iterable[Process]) -> Answer:
    """Return what became of the messages: stored, duplicate, refused and why."""
    rows = [row for process in processes for row in _became(process)]
    return _answer(context, sites, "messages", definitions.MESSAGE_COLUMNS, rows)


def _answer(
    context: Context, sites: Collection[Site], name: str, columns: Mapping[str, str], rows: Iterable[Row]
) -> Answer:
    now = context.now()
    meta = {"definition": definitions.PIPELINE, "simulated": all(site.simulated for site in sites)}
    stamped = [{"time": rfc3339(now), **row} for row in rows]
    return Answer(name=name, now=now, site=None, columns=tuple(columns), rows=stamped, meta=meta)


def _rows(context: Context, sites: Collection[Site], processes: Iterable[Process]) -> Iterator[Row]:
    shared = {**_delays(context, sites), "store_seconds": _store_seconds(context, sites)}
    for process in processes:
        found = {name: process.counts.get((metric, "")) for name, metric in _INGEST.items()}
        refused = _refused(process)
        reason = process.reason or (None if is_ingest(process) else NO_INGEST)
        yield {
            "process": process.name,
            **found,
            "refused": sum(refused.values()) if is_ingest(process) else None,
            **shared,
            "reason": reason,
        }


def _became(process: Process) -> Iterator[Row]:
    for name in _BECAME:
        value = process.counts.get((_INGEST[name], ""))
        if value is not None:
            yield {"process": process.name, "became": name, "reason": None, "messages": value}
    for reason, value in sorted(_refused(process).items()):
        yield {"process": process.name, "became": f"refused: {reason}", "reason": reason, "messages": value}


def _refused(process: Process) -> Counter[str]:
    """Return how many messages, and readings of accepted messages, were refused, by reason."""
    refused: Counter[str] = Counter()
    for (metric, reason), value in process.counts.items():
        if metric in _REFUSED:
            refused[reason] += value  # type: ignore[assignment]  # a count on /metrics is a float
    return refused


def is_ingest(process: Process) -> bool:
    """Whether a process takes messages in."""
    return (_INGEST["received"], "") in process.counts


def read_counts(families: Iterable[Metric]) -> Counter[tuple[str, str]]:
    """Return the counts that are shown, by (metric, reason), of what a process tells of itself."""
    found: Counter[tuple[str, str]] = Counter()
    wanted = {*_INGEST.values(), *_REFUSED}
    for family in families:
        for sample in family.samples:
            if sample.name not in wanted:
                continue
            key, value = (sample.name, sample.labels.get("reason", "")), float(sample.value)
            if sample.name == _INGEST["up"]:  # of several sources: where one is not, something is
                found[key] = min(found.get(key, 1.0), value)  # type: ignore[assignment]  # a count on /metrics
            else:
                found[key] += value  # type: ignore[assignment]  # is a float
    return found


def _store_seconds(context: Context, sites: Iterable[Site]) -> float:
    """Return how long the store takes now to say what it holds.

    Raises:
        StoreError: it does not say.
    """
    begun = time.perf_counter()
    for site in sites:
        context.store.extent(site.id)
    return round(time.perf_counter() - begun, 6)


def _delays(context: Context, sites: Iterable[Site]) -> Row:
    """Return how long ago the newest message came, in whole minutes, and how late messages come."""
    now = context.now()
    heard = [reading for site in sites for reading in context.live.in_force(site.id, now).values()]
    if not heard:
        return {"heard_minutes": None, "lag_seconds": None}
    newest = max(reading.received if reading.received <= now else reading.time for reading in heard)
    late = [max(reading.received - reading.time, 0) / SECOND for reading in heard]
    return {"heard_minutes": max(now - newest, 0) // MINUTE, "lag_seconds": round(median(late), 3)}
