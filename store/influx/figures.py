"""Figures written back into InfluxDB, so that whatever reads that server already can show them.

One point is one row of the API's answer to `/utilisation` or `/peaks`: measurement `ledig_figure`, tags `figure`,
`site`, `by`, `group` and `bucket`, and the row's numbers as fields of the same names (docs/design.md, section 6).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from spaces.times import Millis, parse_instant
from store.influx.connection import Connection
from store.influx.settings import InfluxSettings
from store.lines import NANOS, tag_text

FIGURE_MEASUREMENT = "ledig_figure"
_AT_ONCE = 5_000
Row = Mapping[str, object]


class FigureTags(NamedTuple):
    """What rows are figures of: `utilisation` or `peaks`, of a site, grouped by, in buckets such as `1h`."""

    figure: str
    site: str
    by: str
    bucket: str


def write_figures(settings: InfluxSettings, rows: Iterable[Row], tags: FigureTags) -> int:
    """Write rows as the API gives them, which have passed its disclosure; return how many points they made.

    Rows without a single number make no point. Writing a row again replaces its numbers; a number that is null by
    now stays as it was written.

    Raises:
        StoreError: not everything is written; writing all of it again does no harm.
        ValueError: a row is none of the API's.
    """
    connection = Connection(settings)
    lines = figure_lines(rows, tags)
    written = 0
    try:
        while part := list(islice(lines, _AT_ONCE)):
            connection.write("".join(part).encode())
            written += len(part)
    finally:
        connection.close()
    return written


def figure_lines(rows: Iterable[Row], tags: FigureTags) -> Iterator[str]:
    r"""Yield the line of each row that has a number.

    >>> row = {"time": "1970-01-01T00:00:01Z", "group": "west", "utilisation": 0.5, "spaces": 2, "reason": None}
    >>> [line] = figure_lines([row], FigureTags("peaks", "s", "zone", "1h"))
    >>> line
    'ledig_figure,bucket=1h,by=zone,figure=peaks,group=west,site=s utilisation=0.5,spaces=2.0 1000000000\n'
    """
    for row in rows:
        named = sorted({**tags._asdict(), "group": str(row["group"])}.items())
        fields = ",".join(f"{tag_text(name)}={value!r}" for name, value in _numbers(row))
        if fields:
            own = ",".join(f"{name}={tag_text(text)}" for name, text in named)
            yield f"{FIGURE_MEASUREMENT},{own} {fields} {_millis(row['time']) * NANOS}\n"


def _numbers(row: Row) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a row, all as real numbers, since whole ones would be of another type in InfluxDB.

    Moments such as `peak_at` are milliseconds then.
    """
    for name, value in row.items():
        if name == "time" or isinstance(value, bool):
            continue
        if name.endswith("_at") and value is not None:
            yield name, float(_millis(value))
        elif isinstance(value, int | float) and math.isfinite(value):
            yield name, float(value)


def _millis(value: object) -> Millis:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return parse_instant(str(value))
