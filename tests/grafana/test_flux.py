"""Figures are written back into a real InfluxDB by the command, and every panel on InfluxDB finds its own there."""

import csv
import io
import json
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import urllib3

from dashboards.grafana.build import DASHBOARDS, SOURCES, questions
from ledig.figures import figures
from ledig.main import run
from ledig.settings import load_settings
from spaces.times import DAY, rfc3339
from store.influx.settings import InfluxSettings
from tests.brokers import free_port
from tests.grafana.demo import KEY, NOW, SINCE, demo_house
from tests.influx import fresh, some_influx

INFLUX = SOURCES[1]
EVERYTHING = {"site": "betahaus", "floor": ".*", "zone": ".*", "kind": ".*"}
PANELS = [
    pytest.param(panel, ask, id=f"{sheet['uid']}-{panel['id']}-{panel['title']}")
    for dashboard, sheet in ((dashboard, dashboard.json(INFLUX, "Europe/Berlin")) for dashboard in DASHBOARDS)
    for panel, ask in zip(
        [panel for panel in sheet["panels"] if panel["type"] != "row"],
        [panel.asks[0] for panel in dashboard.panels],
        strict=True,
    )
]
EMPTY = {"Bookings", "Oldest in the spool"}
"""Panels of what the demo has not got."""


class Written(NamedTuple):
    """An InfluxDB with the demo's figures, and the command's flags to write them again."""

    influx: InfluxSettings
    flags: list[str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """Write a month of the demo's figures by the command."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "key").write_text(KEY)
    with some_influx(folder) as server, demo_house(folder) as url:
        influx = fresh(server)
        (folder / "token").write_text(influx.token)
        flags = ["figures", "--api-url", url, "--api-key-file", str(folder / "key"), "--influxdb-url", influx.url]
        flags += ["--influxdb-org", influx.org, "--influxdb-bucket", influx.bucket]
        flags += ["--influxdb-token-file", str(folder / "token")]
        assert run(flags) == 0
        yield Written(influx, flags)


def asked(influx: InfluxSettings, flux: str) -> list[dict[str, str]]:
    """Ask as Grafana does, its own variables filled in; return the rows of all tables."""
    start, stop = rfc3339(SINCE), rfc3339(NOW + DAY)
    filled = flux.replace("v.defaultBucket", f'"{influx.bucket}"')
    filled = filled.replace("v.timeRangeStart", start).replace("v.timeRangeStop", stop)
    # The demo's clock stands still on a day of the past or the future; Grafana's does not.
    filled = filled.replace("start: -30d, stop: 2d", f"start: {start}, stop: {stop}")
    for name, value in EVERYTHING.items():
        filled = filled.replace(f"${{{name}}}", value)
    header = {"Authorization": f"Token {influx.token}", "Content-Type": "application/vnd.flux", "Accept": "text/csv"}
    with urllib3.PoolManager(retries=False, timeout=60.0) as pool:
        address = f"{influx.url}/api/v2/query?org={influx.org}"
        answer = pool.request("POST", address, headers=header, body=filled.encode())
    assert answer.status == 200, (answer.data[:500], filled)
    tables = answer.data.decode().replace("\r\n", "\n").strip().split("\n\n")
    return [row for table in tables if table for row in csv.DictReader(io.StringIO(table))]


@pytest.mark.parametrize(("panel", "ask"), PANELS)
def test_a_panel_finds_its_figures(written: Written, panel: dict[str, Any], ask: Any) -> None:
    (target,) = panel["targets"]
    rows = asked(written.influx, target["query"])
    if panel["title"] in EMPTY:
        return
    assert rows, target["query"]
    if not ask.series:
        words = {column.name for column in ask.columns if column.type in {"string", "timestamp"}} & rows[0].keys()
        assert words or "group" in rows[0], "a row says what it is of"
        assert len({tuple(row[name] for name in words or {"group"}) for row in rows}) == len(rows)
        x = panel["options"].get("xField")
        assert x is None or x in rows[0], "bars and curves stand over a column that is there"
    elif any(column.type == "string" for column in ask.columns):
        assert {"group", "_time", "_value"} <= rows[0].keys()
    else:
        assert rows[0].keys() & {column.name for column in ask.columns}
        times = [row["_time"] for row in rows]
        assert times == sorted(times)


@pytest.mark.parametrize("name", ["site", "floor", "zone", "kind"])
def test_a_picker_has_what_to_pick(written: Written, name: str) -> None:
    values = {row["_value"] for row in asked(written.influx, INFLUX.variable(name)["query"])}
    assert values
    assert name != "site" or "betahaus" in values


def test_figures_in_influxdb_are_those_of_the_api(written: Written) -> None:
    flux = next(param.values[0] for param in PANELS if "Most at once" in str(param.id))["targets"][0]["query"]  # type: ignore[index]
    rows = asked(written.influx, flux)
    url = written.flags[written.flags.index("--api-url") + 1]
    with urllib3.PoolManager(retries=False, timeout=60.0) as pool:
        fields = {"bucket": "1d", "from": rfc3339(SINCE)}
        answer = pool.request("GET", f"{url}/v1/sites/betahaus/peaks", fields=fields, headers={"X-API-Key": KEY})
    # Days that began within the window, as Grafana asks for them.
    shown = [row for row in json.loads(answer.data)["rows"] if row["time"] >= rfc3339(SINCE)]
    expected = {row["time"]: row["peak"] for row in shown if row["peak"] is not None}
    assert {row["_time"]: float(row["peak"]) for row in rows if row["peak"]} == expected


def test_writing_again_adds_no_point(written: Written, capsys: pytest.CaptureFixture[str]) -> None:
    stop = rfc3339(NOW + 9 * DAY)
    count = f"""from(bucket: "{written.influx.bucket}") |> range(start: 0, stop: {stop})
        |> filter(fn: (r) => r.figure != "v1-pipeline") |> count() |> group() |> sum()"""
    (before,) = asked(written.influx, count)
    assert run(written.flags) == 0
    (after,) = asked(written.influx, count)
    assert after["_value"] == before["_value"]
    assert "points written" in capsys.readouterr().out


def test_questions_differ_in_the_tags_that_they_are_written_under() -> None:
    asks = questions()
    assert len({(ask.figure, ask.by, ask.bucket) for ask in asks}) == len(asks)
    for ask in asks:
        assert "." not in ask.figure or set(ask.params) - {"group", "bucket"}


def test_following_ends_when_it_is_told_to(written: Written) -> None:
    named = dict(zip(written.flags[1::2], written.flags[2::2], strict=True))
    flags = {name.removeprefix("--").replace("-", "_"): value for name, value in named.items() if name != "--api-url"}
    stop = threading.Event()
    arguments = Namespace(api_url=named["--api-url"], days=1, follow=True)
    status: list[int] = []
    thread = threading.Thread(target=lambda: status.append(figures(arguments, load_settings(None, {}, flags), stop)))
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "it goes on"
    stop.set()
    thread.join(60)
    assert not thread.is_alive()


def test_an_api_that_is_away_is_told_of(written: Written, capsys: pytest.CaptureFixture[str]) -> None:
    flags = list(written.flags)
    flags[flags.index("--api-url") + 1] = f"http://127.0.0.1:{free_port()}"
    assert run(flags) == 2
    assert "does not answer" in capsys.readouterr().err


def test_a_missing_key_is_told_of(written: Written, capsys: pytest.CaptureFixture[str]) -> None:
    place = written.flags.index("--api-key-file")
    assert run(written.flags[:place] + written.flags[place + 2 :]) == 2
    assert "api_key_file" in capsys.readouterr().err


def test_an_influxdb_that_refuses_is_told_of(
    written: Written, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("no-such-token")
    flags = list(written.flags)
    flags[flags.index("--influxdb-token-file") + 1] = str(tmp_path / "token")
    assert run(flags) == 2
    assert "401" in capsys.readouterr().err
