"""Whose words are lost while a source is not listened to is noted as unknown, and never taken for vacant."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.absence import SHORT, Absence
from ingest.acceptance import Acceptance
from ingest.directory import Directory
from ingest.formats import Address, Device, Observation, Observations
from ingest.settings import IngestSettings
from ingest.verdicts import Incoming, Verdict
from ingest.worker import Worker
from spaces.reading import Reading
from spaces.times import HOUR, MINUTE, SECOND, Millis
from store.embedded.duck import EmbeddedStore
from tests.brokers import Mosquitto
from tests.ingest.houses import NOW, house, topic
from tests.ingest.publishing import Sender
from tests.ingest.test_delivery import until
from tests.ingest.test_sharing import working

D1, D2 = Address("house", "d1"), Address("house", "d2")


def heard(address: Address, qos: int) -> Verdict:
    return Verdict((1, qos, "t", b"", False), (Reading(*address, NOW, NOW, occupied=True),))


def test_what_came_at_qos_0_is_lost_by_an_absence_over_a_restart(tmp_path: Path) -> None:
    absence = Absence(tmp_path)
    absence.hear([heard(D1, 0), heard(D2, 1)])
    absence.be(NOW)
    again = Absence(tmp_path)
    assert again.at_qos0() == [D1]
    assert again.lost(NOW + SHORT, session=True) is None
    assert again.lost(NOW + HOUR, session=True) == (NOW, [D1])
    assert again.lost(NOW + HOUR, session=False) == (NOW, [D1, D2]), "the broker kept nothing at all"
    assert again.lost(NOW - HOUR, session=True) is None, "a clock that went back"
    assert Absence(tmp_path, keeps_qos0=True).lost(NOW + HOUR, session=True) is None


def test_a_sensor_that_is_raised_to_qos_1_is_lost_no_more(tmp_path: Path) -> None:
    absence = Absence(tmp_path)
    absence.hear([heard(D1, 0), heard(D1, 1)])
    absence.be(NOW)
    assert Absence(tmp_path).lost(NOW + HOUR, session=True) is None


@pytest.mark.parametrize("torn", [b"", b"[[", b'{"a":1}', bytes(64)])
def test_a_torn_note_loses_nobody_and_stops_nothing(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / "sensors.json").write_bytes(torn)
    (tmp_path / "alive").touch()
    assert Absence(tmp_path).lost(NOW + 99 * HOUR, session=False) is None


def test_where_nothing_can_be_written_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, and no folder")
    absence = Absence(tmp_path / "taken")
    absence.hear([heard(D1, 0)])
    absence.be(NOW)
    assert absence.lost(NOW + HOUR, session=True) == (NOW, [D1])


@dataclass
class Time:
    """A clock that a test sets."""

    now: Millis = NOW

    def __call__(self) -> Millis:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "store")
    yield opened
    opened.close()


def test_the_worker_says_so_with_a_real_broker(
    store: EmbeddedStore, quick_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    clock, site = Time(), house()
    settings = IngestSettings(port=quick_mosquitto.port, quarantine=tmp_path / "q", noted=tmp_path / "noted")

    def worker() -> Worker:
        return Worker(settings, store, lambda: {site.id: site}, clock)

    def states(sensor: str) -> list[tuple[Millis, bool | None]]:
        rows = [row for batch in store.rows("house", 0, NOW + 99 * HOUR) for row in batch if row.sensor == sensor]
        return sorted((row.time, row.occupied) for row in rows)

    with working([worker()]), Sender(quick_mosquitto.port) as sender:
        sender.send_all([(topic("d1"), '{"occupied":true}')], qos=0)
        sender.send_all([(topic("d2"), '{"occupied":true}')])
        until(lambda: bool(states("d1") and states("d2")), "they do not come")
        clock.now += MINUTE
        until(lambda: (tmp_path / "noted" / "alive").stat().st_mtime * SECOND >= clock.now, "nobody notes the time")
    clock.now += 3 * HOUR
    with working([worker()]), Sender(quick_mosquitto.port) as sender:
        until(lambda: len(states("d1")) == 2, "it is not noted")
        assert states("d1")[1] == (NOW + MINUTE, None)
        assert len(states("d2")) == 1, "what it says is kept for us"
        sender.send_all([(topic("d1"), '{"occupied":false}')], qos=0)
        until(lambda: len(states("d1")) == 3, "it does not come")
    assert states("d1")[2] == (NOW + MINUTE + 3 * HOUR, False)


def test_a_device_is_believed_for_as_long_as_its_message_may_have_waited() -> None:
    """A clock that nobody sets counts near the receipt: two hours earlier where we were away for two hours."""
    site = house()
    directory = Directory({site.id: site}, "any", home=site.id)

    def time_of(ago: Millis, waited: Millis) -> Millis:
        said: Observations = [Observation(Device("d1"), NOW - ago, occupied=True, near=True)]
        message: Incoming = (1, 1, "t", b"", False)
        (verdict,) = Acceptance().judge([(message, said)], directory, NOW, waited=waited)
        (reading,) = verdict.readings
        assert reading.stamped is (reading.time == NOW)
        return reading.time

    assert time_of(10 * MINUTE, 0) == NOW - 10 * MINUTE
    assert time_of(2 * HOUR, 0) == NOW
    assert time_of(2 * HOUR, 2 * HOUR) == NOW - 2 * HOUR
    assert time_of(-10 * MINUTE, 2 * HOUR) == NOW
