"""`make bench`: every row, ours beside its baseline; `--quick` for a smaller run, names to choose among them."""

import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    api,
    calendars,
    dashboard,
    figures,
    formats,
    influx,
    ingest,
    latency,
    live,
    page,
    readings,
    rollups,
    routes,
    sizing,
    spool,
    stores,
    victoria,
    year,
    zones,
)
from benchmarks.rows import Row, emit

PARTS: dict[str, Callable[..., Iterator[Row]]] = {
    "ingest": ingest.rows,
    "influxdb": influx.rows,
    "victoriametrics": victoria.rows,
    "latency": latency.rows,
    "store": stores.rows,
    "spool": spool.rows,
    "figures": figures.rows,
    "zones": zones.rows,
    "readings": readings.rows,
    "sizing": sizing.rows,
    "api": api.rows,
    "rollup": rollups.rows,
    "year": year.rows,
    "dashboard": dashboard.rows,
    "live": live.rows,
    "routes": routes.rows,
    "page": page.rows,
    "calendars": calendars.rows,
    "formats": formats.rows,
}


def main() -> None:
    """Print the rows as they come."""
    quick = "--quick" in sys.argv[1:]
    chosen = [name for name in sys.argv[1:] if name != "--quick"]
    if unknown := [name for name in chosen if name not in PARTS]:
        sys.exit(f"unknown part {unknown[0]!r}; parts are {', '.join(PARTS)}, and --quick")
    for name in chosen or PARTS:
        for row in PARTS[name](quick=quick):
            emit(row)


if __name__ == "__main__":
    main()
