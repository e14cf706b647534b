"""/v1/pipeline: what the way from the broker to the store is doing, process by process, for dashboards and alarms.

The numbers are those of /metrics. A process that is not this one is asked for its own.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from statistics import median
from typing import NamedTuple

import urllib3
from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.parser import text_string_to_metric_families

from dashboards.api import definitions
from dashboards.api.answers import Answer, published
from dashboards.api.disclosure import Row
from dashboards.api.documents import answers
from dashboards.api.house import House
from dashboards.api.query import once
from spaces.times import MINUTE, SECOND, rfc3339

THIS = "this process"
NO_INGEST = "no ingest in this process; name the workers' addresses in ingest_urls"
_SECONDS = 2.0
_LARGEST = 4 * 1024 * 1024
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


def pipeline_routes(house: House, registry: CollectorRegistry) -> APIRouter:
    """Return /v1/pipeline and /v1/pipeline/messages."""
    router = APIRouter(prefix="/v1/pipeline", tags=["service"], dependencies=[Depends(once)])

    def processes() -> list[Process]:
        own = Process(THIS, _counts(registry.collect()))
        with urllib3.PoolManager(retries=False, timeout=_SECONDS) as pool:
            others = [_asked(pool, url) for url in house.settings.ingest_urls]
        return [own, *others] if _ingests(own) or not others else others

    @router.get("", responses=answers("PIPELINE_COLUMNS"), response_model=None)
    @published
    def pipeline() -> Answer:
        """Tell how each process is doing that takes messages in, and how far behind the house is."""
        return _answer(house, "pipeline", definitions.PIPELINE_COLUMNS, _rows(house, processes()))

    @router.get("/messages", responses=answers("MESSAGE_COLUMNS"), response_model=None)
    @published
    def messages() -> Answer:
        """Tell what became of the messages: stored, duplicate, refused and why."""
        rows = [row for process in processes() for row in _became(process)]
        return _answer(house, "messages", definitions.MESSAGE_COLUMNS, rows)

    return router


def _answer(house: House, name: str, columns: Mapping[str, str], rows: Iterable[Row]) -> Answer:
    now = house.now()
    simulated = all(site.simulated for site in house.sites().values())
    meta = {"definition": definitions.PIPELINE, "simulated": simulated}
    stamped = [{"time": rfc3339(now), **row} for row in rows]
    return Answer(name=name, now=now, site=None, columns=tuple(columns), rows=stamped, meta=meta)


def _rows(house: House, processes: Iterable[Process]) -> Iterator[Row]:
    shared = {**_delays(house), "store_seconds": _store_seconds(house)}
    for process in processes:
        found = {name: process.counts.get((metric, "")) for name, metric in _INGEST.items()}
        refused = _refused(process)
        reason = process.reason or (None if _ingests(process) else NO_INGEST)
        yield {
            "process": process.name,
            **found,
            "refused": sum(refused.values()) if _ingests(process) else None,
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


def _ingests(process: Process) -> bool:
    return (_INGEST["received"], "") in process.counts


def _counts(families: Iterable[Metric]) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    wanted = {*_INGEST.values(), *_REFUSED}
    for family in families:
        for sample in family.samples:
            if sample.name in wanted:
                found[sample.name, sample.labels.get("reason", "")] += sample.value  # type: ignore[assignment]
    return found


def _asked(pool: urllib3.PoolManager, url: str) -> Process:
    """Ask another process; one that does not answer is told of, and holds up nobody for long."""
    try:
        answer = pool.request("GET", f"{url}/metrics", preload_content=False)
        text = answer.read(_LARGEST).decode("utf-8", "replace")
        answer.release_conn()
        if answer.status != 200:
            return Process(url, {}, f"answers {answer.status}")
        return Process(url, _counts(text_string_to_metric_families(text)))
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        return Process(url, {}, f"does not answer: {type(error).__name__}")


def _store_seconds(house: House) -> float:
    """Return how long the store takes now to say what it holds.

    Raises:
        StoreError: it does not say.
    """
    begun = time.perf_counter()
    for site in house.sites():
        house.store.extent(site)
    return round(time.perf_counter() - begun, 6)


def _delays(house: House) -> Row:
    """Return how long ago the newest message came, in whole minutes, and how late messages come."""
    now = house.now()
    heard = [reading for site in house.sites() for reading in house.live.in_force(site, now).values()]
    if not heard:
        return {"heard_minutes": None, "lag_seconds": None}
    newest = max(reading.received for reading in heard)
    late = [max(reading.received - reading.time, 0) / SECOND for reading in heard]
    return {"heard_minutes": max(now - newest, 0) // MINUTE, "lag_seconds": round(median(late), 3)}
