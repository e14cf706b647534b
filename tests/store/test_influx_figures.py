"""Figures go into InfluxDB as the API tells them."""

import math
from pathlib import Path

import pytest

from store.influx.connection import Connection
from store.influx.figures import FigureTags, figure_lines, write_figures
from store.influx.flux import literal
from tests.influx import drop_bucket, fresh, some_influx

TAGS = FigureTags("utilisation", "betahaus", "zone", "1h")
ROWS: list[dict[str, object]] = [
    {
        "time": "2026-05-04T08:00:00Z",
        "group": "quiet west",
        "utilisation": 0.25,
        "spaces": 8,
        "coverage": 1,
        "partial": False,
        "reason": None,
        "peak_at": "2026-05-04T08:15:00.250Z",
    },
    {"time": "2026-05-04T09:00:00Z", "group": "quiet west", "utilisation": None, "coverage": 0.0, "reason": "no data"},
    {"time": "2026-05-04T10:00:00Z", "group": "quiet west", "utilisation": None, "reason": "closed"},
]


def test_a_row_is_a_point_and_whole_numbers_are_reals() -> None:
    lines = list(figure_lines(ROWS, TAGS))
    assert lines[0] == (
        "ledig_figure,bucket=1h,by=zone,figure=utilisation,group=quiet%20west,site=betahaus"
        " utilisation=0.25,spaces=8.0,coverage=1.0,peak_at=1777882500250.0 1777881600000000000\n"
    )
    assert lines[1].split(" ")[1] == "coverage=0.0"
    assert len(lines) == 2, "a row without a number is no point"


def test_what_is_no_number_is_left_out() -> None:
    row = {"time": 5, "group": "g", "utilisation": math.nan, "spaces": math.inf, "note": "text", "partial": True}
    assert list(figure_lines([row], TAGS)) == []
    with pytest.raises(ValueError, match="offset"):
        list(figure_lines([{"time": "2026-05-04T08:00", "group": "g", "spaces": 1}], TAGS))


def test_figures_are_found_in_the_server_and_replaced(tmp_path: Path) -> None:
    with some_influx(tmp_path) as server:
        settings = fresh(server)
        assert write_figures(settings, ROWS, TAGS) == 2
        assert write_figures(settings, [ROWS[0] | {"utilisation": 0.5}], TAGS) == 1
        many = ({"time": 1_777_881_600_000 + n, "group": "g", "spaces": n} for n in range(12_000))
        assert write_figures(settings, many, TAGS._replace(by="site")) == 12_000
        connection = Connection(settings)
        question = (
            f"from(bucket: {literal(settings.bucket)}) |> range(start: 2026-01-01T00:00:00Z) |> filter(fn: (r) =>"
            ' r._measurement == "ledig_figure" and r.by == "zone" and r._field == "utilisation")'
        )
        assert connection.rows(question, "_time", "_value") == [("2026-05-04T08:00:00Z", "0.5")]
        connection.close()
        drop_bucket(settings)
