"""The line to the broker reads in large pieces, and misses nothing by it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.link import BrokerLink
from ingest.settings import IngestSettings
from tests.brokers import Mosquitto
from tests.ingest.publishing import Sender

LARGE = 300_000
"""Bytes of a payload: several buffers' worth."""


@pytest.fixture
def link(quick_mosquitto: Mosquitto, tmp_path: Path) -> Iterator[BrokerLink]:
    settings = IngestSettings(
        port=quick_mosquitto.port, client_id="buffered", quarantine=tmp_path / "quarantine", most_payload=2 * LARGE
    )
    line = BrokerLink(settings)
    line.connect()
    yield line
    line.close()
    leaving = BrokerLink(dataclasses.replace(settings, session_expiry=0))
    leaving.connect()
    leaving.close()


def payloads(link: BrokerLink, count: int, most: int = 1_000) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        taken = link.read(most, 5.0)
        assert taken, f"only {len(found)} of {count} messages came"
        link.acknowledge(taken)
        found += [message[3] for message in taken]
    return found


def test_packets_are_read_many_at_a_time_and_come_in_order(link: BrokerLink, quick_mosquitto: Mosquitto) -> None:
    said = [b"%d" % number for number in range(2_000)]
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all(("ledig/v1/house/d1/state", payload.decode()) for payload in said)
    first = link.read(1, 5.0)
    assert link._client.buffered, "paho no longer reads by the method that we override"
    link.acknowledge(first)
    assert [first[0][3], *payloads(link, len(said) - 1)] == said


def test_what_waits_in_the_buffer_is_not_waited_for(link: BrokerLink, quick_mosquitto: Mosquitto) -> None:
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all(("ledig/v1/house/d1/state", str(number)) for number in range(500))
    assert len(payloads(link, 500, most=1)) == 500


def test_a_payload_of_several_buffers_comes_whole(link: BrokerLink, quick_mosquitto: Mosquitto) -> None:
    said = ["x" * LARGE, "small", "y" * LARGE]
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all(("ledig/v1/house/d1/state", payload) for payload in said)
    assert [payload.decode() for payload in payloads(link, 3)] == said


def test_nothing_of_a_broken_connection_is_taken_for_the_next(link: BrokerLink, quick_mosquitto: Mosquitto) -> None:
    said = [b"%d" % number for number in range(300)]
    with Sender(quick_mosquitto.port) as sender:
        sender.send_all(("ledig/v1/house/d1/state", payload.decode()) for payload in said)
    assert link.read(1, 5.0)[0][3] == said[0]
    link.connect()
    assert not link._client.buffered or link._client._line is link._client.socket()
    assert payloads(link, len(said)) == said, "unacknowledged, they come again"
