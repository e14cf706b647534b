"""When the subscription is asked for, with which id, and what a refusal means."""

import logging

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ingest.settings import IngestSettings
from ingest.subscribing import Subscribing

GRANTED = [ReasonCode(PacketTypes.SUBACK, "Granted QoS 1")]
IN_USE = [ReasonCode(PacketTypes.SUBACK, "Packet identifier in use")]
DENIED = [ReasonCode(PacketTypes.SUBACK, "Not authorized")]


@pytest.fixture
def subscribing() -> Subscribing:
    return Subscribing(IngestSettings(), ["ledig/v1/#"])


def test_a_new_session_is_subscribed_at_once_and_one_that_was_there_when_all_is_quiet(subscribing: Subscribing) -> None:
    assert not subscribing.is_due(quiet=True), "not connected yet"
    subscribing.connected(present=False)
    assert subscribing.is_due(quiet=False)
    subscribing.connected(present=True)
    assert not subscribing.is_due(quiet=False)
    assert subscribing.is_due(quiet=True)
    subscribing.draw_id(())
    assert not subscribing.is_due(quiet=True), "it was asked"
    subscribing.connected(present=True)
    subscribing.lost()
    assert not subscribing.is_due(quiet=True)


def test_an_id_is_none_of_those_that_are_taken_and_none_twice(subscribing: Subscribing) -> None:
    assert subscribing.draw_id({65_535, 65_534, 1}) == 65_533
    assert subscribing.draw_id({65_532}) == 65_531
    others = [subscribing.draw_id({1}) for _ in range(65_530)]
    assert (min(others), others[-1]) == (2, 65_535), "it begins anew, and leaves out 0 and what is taken"


@pytest.mark.parametrize("codes", [IN_USE, DENIED])
def test_a_refusal_in_a_session_that_was_there_is_told_once_and_asked_again(
    subscribing: Subscribing, caplog: pytest.LogCaptureFixture, codes: list[ReasonCode]
) -> None:
    with caplog.at_level(logging.WARNING, "ingest"):
        for _ in range(3):
            subscribing.connected(present=True)
            assert subscribing.refusal(codes) is None
    (record,) = caplog.records
    assert f"refused to subscribe us to ledig/v1/# once more ({codes[0]})" in record.getMessage()
    assert not subscribing.is_due(quiet=True), "not at once"
    assert subscribing.refusal(GRANTED) is None


def test_a_refusal_in_a_new_session_is_trouble(subscribing: Subscribing) -> None:
    subscribing.connected(present=False)
    trouble = subscribing.refusal(DENIED)
    assert trouble is not None
    assert "does not let us subscribe to ledig/v1/#: Not authorized" in trouble
