"""What a VictoriaMetrics tells of itself on `/metrics`: whether what it took lately may be lost."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from store.protocol import StoreError

_STARTED = re.compile(r"^process_start_time_seconds (\S+)", re.MULTILINE)
_REACHABLE = "vm_rpc_vmstorage_is_reachable"
_NODE = re.compile(
    rf"^({_REACHABLE}|vm_rpc_connection_errors_total|vm_rpc_handshake_errors_total)(\{{.*\}}) (\S+)",
    re.MULTILINE,
)
_TOO_FEW = re.compile(r"^vm_rpc_rows_incompletely_replicated_total\S* (\S+)", re.MULTILINE)
_RETENTION = re.compile(r'^flag\{name="retentionPeriod", value="([0-9.]+)(s|h|d|w|M|y|)"', re.MULTILINE)
_DAYS = {"s": 1 / 86_400, "h": 1 / 24, "d": 1.0, "w": 7.0, "M": 31.0, "": 31.0, "y": 365.0}
_DEDUP = re.compile(r'^flag\{name="dedup.minScrapeInterval", value="([^"]*)"', re.MULTILINE)
_ABOUT_ROWS = 'rpc_call="metric_rows"'


class Health(NamedTuple):
    """What matters to us.

    `started` is the process's start in seconds since 1970. `epoch` changes whenever something that was taken in the
    seconds before may be lost: the process is another one, or a connection to a storage node broke, or one went
    away or came back, or something was written to fewer nodes than it should have been. The last is no news while a
    node is away: what is written again then fares no better. `retention_days` is None where it is not told.
    """

    started: float
    epoch: str
    retention_days: float | None


def health_of(text: str) -> Health:
    """Read it from `/metrics`.

    >>> health_of('process_start_time_seconds 1790000000').epoch
    '1790000000'

    Raises:
        StoreError: this is no VictoriaMetrics's, which always tells when it started; or it is one that would throw
            readings away.
    """
    started = _STARTED.search(text)
    if started is None:
        raise StoreError("VictoriaMetrics does not tell on /metrics since when it has been running; check the URL")
    dropping = _DEDUP.search(text)
    if dropping and dropping[1].strip("0smh"):
        raise StoreError(
            f"VictoriaMetrics runs with -dedup.minScrapeInterval={dropping[1]} and would throw readings away;"
            " start it without"
        )
    kept = _RETENTION.search(text)
    return Health(
        started=float(started[1]),
        epoch=" ".join([started[1], *_nodes(text)]),
        retention_days=float(kept[1]) * _DAYS[kept[2]] if kept else None,
    )


def _nodes(text: str) -> Iterator[str]:
    """Yield what vminsert says of its storage nodes, without what changes while a node stays away."""
    found = [one for one in _NODE.findall(text) if "rpc_call=" not in one[1] or _ABOUT_ROWS in one[1]]
    yield from (f"{name}{labels}={value}" for name, labels, value in sorted(found))
    if all(float(value) for name, _, value in found if name == _REACHABLE):
        yield from _TOO_FEW.findall(text)
