"""What is remembered of radios stays small, whoever invents devices."""

import pytest

from ingest.formats import Device, Observation, Status, lorawan, nobody
from ingest.formats.lorawan import NOBODY, Uplink, hear_join, hear_uplink


def test_of_devices_beyond_the_most_nothing_is_remembered_and_all_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lorawan, "MOST_DEVICES", 2)
    fleet = NOBODY
    for name in ("one", "two", "three"):
        _, fleet = hear_join(Device(name), fleet)
    assert set(fleet) == {"one", "two"}
    uplink = Uplink(Device("three"), "", "", 1, 85, b"\x03\x00\x01", {"occupancy": "occupied"}, 1_796_025_600_000)
    said, fleet = hear_uplink("tts", uplink, fleet, nobody)
    assert isinstance(said, list)
    assert isinstance(said[0], Observation)
    assert said[0].occupied is True
    assert set(fleet) == {"one", "two"}
    once, fleet = hear_uplink("tts", uplink._replace(device=Device("two")), fleet, nobody)
    again, _ = hear_uplink("tts", uplink._replace(device=Device("two")), fleet, nobody)
    assert isinstance(once, list)
    assert isinstance(again, Status)
