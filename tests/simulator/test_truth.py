"""The truth on paper, and a simulation in a folder."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator.recording import open_recording
from simulator.sensors import said
from simulator.truth import COLUMNS, TruthError, read_truth, truth, write_simulation, write_truth
from simulator.week import presences
from spaces.native import DEFAULT_PREFIX, decode_state
from spaces.times import DAY, HOUR
from tests.simulator.houses import SEED, betahaus, small

DAY_ONE = date(2026, 11, 18)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    found = presences(betahaus(), SEED, DAY_ONE)
    assert write_truth(tmp_path / "truth.csv", found) == len(found) > 500
    assert list(read_truth(tmp_path / "truth.csv")) == found


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(",".join(COLUMNS) + "\ncafe,2026-11-18T08:00:00Z,2026-11-18T09:00:00Z,2\ncafe,soon,later,1\n")
    with pytest.raises(TruthError, match=r"truth\.csv:3.*soon"):
        list(read_truth(path))
    path.write_text("room,from,to\n")
    with pytest.raises(TruthError, match="header"):
        list(read_truth(path))


def test_a_window_of_the_truth_is_cut_to_it() -> None:
    site = small((18 * 60, 26 * 60))
    start = site.midnight(DAY_ONE + timedelta(days=1))
    found = list(truth(site, SEED, start, start + HOUR))
    assert found, "the evening before runs into the window"
    assert all(start <= one.start < one.end <= start + HOUR for one in found)


def test_a_simulation_lies_beside_its_truth(tmp_path: Path) -> None:
    site = betahaus()
    start = site.midnight(DAY_ONE)
    counted: list[int] = []
    count = write_simulation(site, SEED, start, start + DAY, tmp_path / "new", progress=counted.append)
    recording = open_recording(tmp_path / "new" / "readings.jsonl.gz")
    assert (recording.header.site, recording.header.zone) == ("betahaus", "Europe/Berlin")
    expected = list(said(site, SEED, start, start + DAY))
    messages = list(recording)
    assert len(messages) == count == sum(counted) == len(expected)
    for message, reading in zip(messages, expected, strict=True):
        state = decode_state(message.payload)
        assert message.topic == f"{DEFAULT_PREFIX}/betahaus/{reading.sensor}/state"
        assert (state.millis(), state.occupied, state.people) == (message.at, reading.occupied, reading.people)
    assert list(read_truth(tmp_path / "new" / "truth.csv")) == presences(site, SEED, DAY_ONE)


def test_the_same_simulation_has_the_same_bytes(tmp_path: Path) -> None:
    site = small((8 * 60, 20 * 60))
    start = site.midnight(DAY_ONE)
    for name in ("one", "two"):
        write_simulation(site, SEED, start, start + DAY, tmp_path / name)
    for file in ("readings.jsonl.gz", "truth.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
