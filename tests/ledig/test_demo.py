"""`ledig demo` as a newcomer runs it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spaces.times import DAY, parse_instant, rfc3339, to_datetime
from tests.brokers import free_port
from tests.ledig import younger
from tests.ledig.running import Running, answer, listens, metric, rows, wait_for

SITE = "v1/sites/betahaus"
HISTORY = 240.0
"""Seconds that weeks of history may take on a busy machine."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[dict[str, object]]]:
    """The first start of a demo: its folder, what it said, and the sites it answered."""
    data, port, broker = tmp_path_factory.mktemp("demo"), free_port(), free_port()
    with Running("demo", "--data", data, "--port", port, "--broker-port", broker) as demo:
        demo.until("page ", HISTORY)
        sites = rows(port, "v1/sites")
        wait_for(lambda: metric(port, "ledig_ingest_up") == 1, "ingest does not connect")
        demo.until("(demo clock)")
        demo.interrupt()
        assert demo.ended() == 0
        assert not listens(port)
        assert not listens(broker)
    return data, demo.said, sites


def test_thirteen_weeks_are_there_on_a_thursday_at_half_past_ten(
    first: tuple[Path, str, list[dict[str, object]]],
) -> None:
    _, said, (site,) = first
    assert site["simulated"] is True
    assert "readings of 13.0 weeks stored" in said
    assert "simulated, on a demo clock" in said
    line = next(line for line in said.splitlines() if "(demo clock)" in line)
    assert line.startswith("Thu ")
    assert " 10:30:" in line
    assert "refused 0" in line
    begun = to_datetime(parse_instant(str(site["first"])))
    year = (begun + timedelta(weeks=13)).year  # the line does not say it
    started = datetime.strptime(f"{year} {line.split('  ')[0][4:-13]}", "%Y %d %b %H:%M:%S").replace(tzinfo=UTC)
    assert 12.9 < (started - begun).days / 7 < 13.1


def test_a_second_start_goes_on_with_the_data_it_finds(first: tuple[Path, str, list[dict[str, object]]]) -> None:
    data, _, (site,) = first
    port = free_port()
    with Running("demo", "--data", data, "--port", port, "--broker-port", free_port()) as demo:
        demo.until("page ")
        assert rows(port, "v1/sites")[0]["first"] == site["first"]
        status = rows(port, f"{SITE}/status", group="site")[0]
        demo.interrupt()
        assert demo.ended() == 0
    assert "13.0 weeks" not in demo.said
    assert status["unknown"] < 5, "nothing fell silent between the two"
    assert status["occupied"] > 30, "and the house is awake"


@pytest.mark.parametrize(("command", "says"), [("size", "History: 20"), ("forecast", "Mon ")])
def test_commands_find_the_house_of_a_demos_folder(
    first: tuple[Path, str, list[dict[str, object]]], command: str, says: str
) -> None:
    with Running(command, "--data", first[0]) as asked:
        assert asked.ended() == 0, asked.said
        assert says in asked.said


def test_a_report_finds_the_house_of_a_demos_folder(
    first: tuple[Path, str, list[dict[str, object]]], tmp_path: Path
) -> None:
    out = tmp_path / "report.html"
    with Running("report", "--data", first[0], "--out", out) as asked:
        assert asked.ended() == 0, asked.said
    assert "Betahaus Berlin" in out.read_text(encoding="utf-8")


def test_a_fast_house_begins_four_weeks_ago_and_its_life_comes_over_mqtt(tmp_path: Path) -> None:
    port = free_port()
    with Running("demo", "--data", tmp_path, "--port", port, "--broker-port", free_port(), "--speed", 50_000) as demo:
        demo.until("page ")
        wait_for(lambda: metric(port, "ledig_ingest_readings_stored_total") > 5_000, "nothing flows")
        first = parse_instant(rows(port, "v1/sites")[0]["first"])
        wait_for(lambda: _now(port) - first > 3 * DAY, "the clock does not run fast")
        demo.interrupt()
        assert demo.ended() == 0
    assert "history" not in demo.said


def _booked(port: int) -> int:
    """Return how many bookings of eight weeks ledig knows the fate of."""
    begin = rfc3339(_now(port) - 56 * DAY)
    found = rows(port, f"{SITE}/bookings", **{"from": begin})
    return sum((row["judged"] or 0) for row in found if row["no_shows"])


def _now(port: int) -> int:
    return parse_instant(answer(port, f"{SITE}/status", group="site")["meta"]["generated"])


def test_ctrl_c_while_history_is_stored_ends_well_and_the_next_start_completes_it(tmp_path: Path) -> None:
    port = free_port()
    options = ("--data", tmp_path, "--port", port, "--broker-port", free_port())
    with Running("demo", *options, module="tests.ledig.younger") as demo:
        demo.until("history:  ")
        demo.interrupt()
        assert demo.ended() == 0
    with Running("demo", *options, module="tests.ledig.younger") as demo:
        demo.until("page ", HISTORY)
        past = _now(port) - parse_instant(rows(port, "v1/sites")[0]["first"])
        assert younger.HISTORY - DAY < past < younger.HISTORY + DAY
        wait_for(lambda: _booked(port) > 1_000, "rooms have no bookings")
        demo.interrupt()
        assert demo.ended() == 0
