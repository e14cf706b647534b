"""The other commands as people run them: what they say, and with which status they end."""

import logging
import re
import shutil
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from ledig.logformat import LogFormatter
from ledig.main import run
from simulator.betahaus import SITE
from simulator.recording import Header, Message, Recorder, open_recording
from spaces.native import encode_reading, state_topic
from spaces.reading import Reading
from spaces.times import MINUTE, parse_instant
from store.opening import open_store
from tests.brokers import Mosquitto, free_port
from tests.ingest.publishing import Sender
from tests.ledig.running import Running, listens, metric, rows, wait_for

THEN = 1_480_000_000_000
"""November 2016."""


def house(folder: Path) -> Path:
    """Write a site of one desk, and return its file."""
    file = folder / "site.toml"
    file.write_text(
        '[site]\nid = "hut"\nname = "Hut"\ntimezone = "Europe/Oslo"\n'
        '[[floor]]\nid = "f"\n[[zone]]\nid = "z"\nfloor = "f"\n'
        '[[space]]\nid = "desk"\nkind = "desk"\nzone = "z"\n[[sensor]]\nid = "d1"\nspace = "desk"\n'
    )
    return file


def recording(folder: Path, *, site: str = "hut", count: int = 50) -> Path:
    path = folder / "old.jsonl.gz"
    with Recorder(path, Header(site=site, zone="Europe/Oslo", note="test")) as recorder:
        for number in range(count):
            at = THEN + number * MINUTE
            reading = Reading(site, "d1", at, at, occupied=number % 2 == 0)
            recorder.append(Message(at, state_topic("ledig/v1", site, "d1"), encode_reading(reading)))
    return path


def test_a_sensor_of_a_served_house_is_on_the_page_at_once(tmp_path: Path, quick_mosquitto: Mosquitto) -> None:
    port = free_port()
    broker = f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    options = ("--data", tmp_path / "data", "--sites", house(tmp_path), "--broker", broker, "--port", port)
    with Running("serve", *options) as serving:
        serving.until("page ")
        wait_for(lambda: metric(port, "ledig_ingest_up") == 1, "ingest does not connect")
        with Sender(quick_mosquitto.port) as sender:
            sender.send(("ledig/v1/hut/d1/state", '{"occupied": true}'))
        wait_for(lambda: rows(port, "v1/sites/hut/status", group="space")[0]["state"] == "occupied", "it is not shown")
        assert rows(port, "v1/sites")[0]["simulated"] is False
        serving.interrupt()
        assert serving.ended() == 0


def test_serving_goes_on_while_the_broker_is_away_and_says_so(tmp_path: Path) -> None:
    port, nobody = free_port(), free_port()
    options = ("--data", tmp_path / "data", "--sites", house(tmp_path), "--broker", f"mqtt://127.0.0.1:{nobody}")
    with Running("serve", *options, "--port", port) as serving:
        serving.until("cannot be reached")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        ready = httpx.get(f"http://127.0.0.1:{port}/readyz")
        assert ready.status_code == 503
        assert "cannot be reached" in ready.text
        serving.interrupt()
        assert serving.ended() == 0


def test_a_changed_site_file_is_taken_up_and_a_bad_one_is_told(tmp_path: Path) -> None:
    file, port = house(tmp_path), free_port()
    with Running(
        "serve", "--data", tmp_path / "data", "--sites", file, "--with-broker", "--port", port,
        "--broker", f"mqtt://127.0.0.1:{free_port()}",
    ) as serving:  # fmt: skip
        serving.until("page ")
        good = file.read_text()
        file.write_text(good.replace('name = "Hut"', 'name = "Lodge"'))
        wait_for(lambda: rows(port, "v1/sites")[0]["name"] == "Lodge", "the new name is not taken up")
        file.write_text(good.replace("kind =", "kin ="))
        assert f"{file}:" in serving.until("(the old site stays in force)")
        assert rows(port, "v1/sites")[0]["name"] == "Lodge"
        file.write_text(good)
        serving.until("sites: well again")
        serving.interrupt()
        assert serving.ended() == 0


def test_serving_without_a_site_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--data", str(tmp_path)]) == 2
    assert "no site is named" in capfd.readouterr().err


def test_check_names_every_mistake_with_file_and_line(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = house(tmp_path)
    file.write_text(file.read_text().replace("Europe/Oslo", "Europe/Olso").replace('zone = "z"', 'zone = "y"'))
    assert run(["check", "--sites", str(file), "--data", str(tmp_path / "d"), "--broker", _nobody()]) == 2
    said = capfd.readouterr()
    assert f"{file}:4: site: timezone: 'Europe/Olso' is no IANA zone; did you mean Europe/Oslo?" in said.err
    assert f"{file}:13: space desk: there is no zone 'y'" in said.err
    assert "cannot be reached" in said.err
    assert "store: none in" in said.out


def test_check_is_content_with_what_is_well(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    broker = f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    assert run(["check", "--sites", str(SITE), "--data", str(tmp_path), "--broker", broker]) == 0
    said = capfd.readouterr().out
    assert "site betahaus: 102 flexible and 48 fixed desks, 12 rooms, 1 cafe, 1 workshop, 4 lounges, " in said
    assert "subscription to ledig/v1/# granted" in said
    assert not (tmp_path / "ledig.duckdb").exists(), "looking makes nothing"


def room(folder: Path, *lines: str) -> Path:
    """Write a site of one room with a calendar of one event, and return its file."""
    file = house(folder)
    file.write_text(f'{file.read_text()}[[space]]\nid = "elbe"\nkind = "room"\nzone = "z"\ncapacity = 4\n')
    (folder / "bookings").mkdir(exist_ok=True)
    event = "\n".join(("BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""))
    (folder / "bookings/elbe.ics").write_text(event)
    return file


def test_check_says_what_of_a_calendar_was_bent_into_shape(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    file = room(tmp_path, "DTSTART;VALUE=DATE:20261102", "DTEND;VALUE=DATE:20261102")
    options = ["--data", str(tmp_path / "d"), "--broker", f"mqtt://127.0.0.1:{quick_mosquitto.port}"]
    assert run(["check", "--sites", str(file), *options]) == 0
    assert (
        f"sites: 1 warning: taken, but not as written\n{tmp_path}/bookings/elbe.ics:4: DTEND: is the day of DTSTART"
        in capfd.readouterr().out
    )
    room(tmp_path, "DTSTART;VALUE=DATE:20261131")
    assert run(["check", "--sites", str(file), *options]) == 2
    assert f"bookings: 1 mistake\n{tmp_path}/bookings/elbe.ics:3: DTSTART: cannot be" in capfd.readouterr().err


def test_a_bad_calendar_neither_keeps_a_service_from_starting_nor_ends_it(tmp_path: Path) -> None:
    begin, port = "DTSTART;TZID=Europe/Oslo:20260511T090000", free_port()
    file = room(tmp_path, begin, "DTEND;TZID=Europe/Oslo:20260511T240000")
    options = ("--data", tmp_path / "data", "--sites", file, "--broker", _nobody(), "--port", port)
    with Running("serve", *options) as serving:
        serving.until("elbe.ics:4: DTEND: cannot be read")
        room(tmp_path, begin, "DURATION:PT1H")
        serving.until("bookings: well again")
        room(tmp_path, begin, "DURATION:PT1H", "DURATION:PT1H")
        serving.until("elbe.ics:4: DURATION: stands twice (the calendar is not taken up)")
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
        serving.interrupt()
        assert serving.ended() == 0


def _nobody() -> str:
    return f"mqtt://127.0.0.1:{free_port()}"


def test_simulate_writes_readings_and_truth(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    window = ["--from", "2026-05-04T00:00:00Z", "--to", "2026-05-05T00:00:00Z"]
    assert run(["simulate", *window, "--out", str(out)]) == 0
    assert "the truth in" in capfd.readouterr().out
    assert sum(1 for _ in open_recording(out / "readings.jsonl.gz")) > 5_000
    assert (out / "truth.csv").read_text().startswith("space,start,end,people\n")


@pytest.mark.parametrize(
    ("window", "message"),
    [
        (["--from", "yesterday", "--to", "2026-05-05T00:00:00Z"], "--from: 'yesterday' is not a time"),
        (["--from", "0", "--to", "999999999999999"], "--to: '999999999999999' is beyond every date"),
        (["--from", "2026-05-05T00:00:00Z", "--to", "2026-05-05T00:00:00Z"], "--from must be before --to"),
    ],
)
def test_a_window_that_is_none_is_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], window: list[str], message: str
) -> None:
    assert run(["simulate", *window, "--out", str(tmp_path)]) == 2
    assert message in capfd.readouterr().err


def test_convert_stops_at_a_broken_line_and_writes_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shutil.copy(Path("docs/real-data/sdu.toml"), tmp_path / "sdu.toml")
    for room in range(1, 5):
        lines = ["DayId,Time,Weekday,Holiday,Room 1", "0,00:00:00,5,0,0.0", "0,00:01:00,5,0,many"]
        (tmp_path / f"occ_data_room_{room}.csv").write_text("\n".join(lines).replace("Room 1", f"Room {room}"))
    out = tmp_path / "out.jsonl.gz"
    assert run(["convert", str(tmp_path / "sdu.toml"), "--data", str(tmp_path), "--out", str(out)]) == 2
    assert "occ_data_room_1.csv:3:" in capfd.readouterr().err
    assert not out.exists()


def test_a_replay_is_refused_where_readings_are_live_and_sent_where_told(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    data, broker = tmp_path / "data", f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    command = ["replay", str(recording(tmp_path)), "--broker", broker, "--data", str(data)]
    assert run(command) == 2
    assert "there is no store in" in capfd.readouterr().err
    store = open_store(data)
    store.append([Reading("hut", "d1", THEN, THEN + 20, occupied=True)])
    store.close()
    assert run(command) == 2
    assert "hut has live readings, of 1 sensor such as d1" in capfd.readouterr().err
    assert run([*command, "--rename-site", "old-hut"]) == 0
    assert run([*command, "--into-live"]) == 0
    assert "50 of 50 messages acknowledged" in capfd.readouterr().out


def test_a_replay_looks_through_the_process_that_holds_the_store(
    tmp_path: Path, quick_mosquitto: Mosquitto, capfd: pytest.CaptureFixture[str]
) -> None:
    broker = f"mqtt://127.0.0.1:{quick_mosquitto.port}"
    data, port = tmp_path / "data", free_port()
    options = ("--data", data, "--sites", house(tmp_path), "--broker", broker, "--port", port)
    with Running("serve", *options) as serving:
        serving.until("page ")
        wait_for(lambda: metric(port, "ledig_ingest_up") == 1, "ingest does not connect")
        assert run(["replay", str(recording(tmp_path)), "--broker", broker, "--data", str(data)]) == 0
        assert f"held by process {serving.process.pid}; working through it" in capfd.readouterr().out
        wait_for(lambda: metric(port, "ledig_ingest_readings_stored_total") == 50, "the replay is not stored")
        assert run(["replay", str(recording(tmp_path)), "--broker", broker, "--data", str(data)]) == 0
        wait_for(lambda: metric(port, "ledig_ingest_readings_duplicate_total") == 50, "the same twice is not once")
        serving.interrupt()
        assert serving.ended() == 0


@pytest.mark.parametrize("command", ["demo", "serve", "check", "simulate", "convert", "replay", "publish", "secrets"])
def test_every_command_explains_itself(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run([command, "--help"])
    assert ended.value.code == 0
    assert len(capfd.readouterr().out) > 200


@pytest.mark.parametrize(
    "arguments", [[], ["dmo"], ["demo", "--speed", "fast"], ["demo", "--broker-port", "0"], ["replay"], ["demo", "-x"]]
)
def test_what_is_no_command_ends_with_2_and_says_why(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(arguments)
    assert ended.value.code == 2
    assert "error:" in capfd.readouterr().err


def test_the_version_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--version"])
    assert ended.value.code == 0
    assert capfd.readouterr().out == f"ledig {version('ledig')}\n"


def test_lines_of_the_log_carry_the_time_with_its_offset() -> None:
    record = logging.LogRecord("ledig.x", logging.WARNING, "", 1, "%s is away", ("it",), None)
    record.created = 1_777_881_600.7
    when, level, name, text = LogFormatter().format(record).split(" ", 3)
    assert parse_instant(when) == 1_777_881_600_000
    assert re.fullmatch(r"2026-05-0\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", when)
    assert (level, name, text) == ("WARNING", "ledig.x:", "it is away")


def test_listening_is_on_the_loopback_alone(tmp_path: Path) -> None:
    port, broker = free_port(), free_port()
    with Running("demo", "--data", tmp_path, "--port", port, "--broker-port", broker, "--speed", 2) as demo:
        demo.until("page ")
        assert listens(port)
        assert listens(broker)
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, number = local.split(":")
            if state == "0A" and int(number, 16) in {port, broker}:
                assert address == "0100007F"
        demo.interrupt()
        assert demo.ended() == 0
