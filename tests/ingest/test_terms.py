"""What a broker of MQTT 5 does not do for us is told: what we cannot do without, and what it costs."""

import logging

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from ingest.settings import IngestSettings
from ingest.terms import Terms

TOPICS = ["ledig/v1/#"]


def said(**values: int) -> Properties:
    """Return what a broker says as it lets us in."""
    properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]  # paho's own
    for name, value in values.items():
        setattr(properties, name, value)
    return properties


def test_a_broker_without_shared_subscriptions_lets_one_worker_in_and_not_several() -> None:
    without = said(SharedSubscriptionAvailable=0)
    assert Terms(IngestSettings(), TOPICS).lack(without) is None
    told = Terms(IngestSettings(share="ledig"), TOPICS).lack(without)
    assert told == (
        "mqtt://127.0.0.1:1883 has no shared subscriptions, by which workers divide the messages: run one worker"
    )
    assert Terms(IngestSettings(share="ledig"), TOPICS).lack(said(SharedSubscriptionAvailable=1)) is None


def test_a_broker_without_shared_subscriptions_lets_workers_go() -> None:
    leaving = IngestSettings(share="ledig", retire=True)
    assert Terms(leaving, TOPICS).lack(said(SharedSubscriptionAvailable=0, WildcardSubscriptionAvailable=0)) is None


def test_a_broker_without_wildcards_is_of_no_use() -> None:
    told = Terms(IngestSettings(), TOPICS).lack(said(WildcardSubscriptionAvailable=0))
    assert told is not None
    assert "has no wildcards in subscriptions, which ledig/v1/# needs" in told


def test_a_broker_of_3_1_1_says_nothing_and_lacks_nothing() -> None:
    assert Terms(IngestSettings(share="ledig"), TOPICS).lack(None) is None


@pytest.mark.parametrize(("kept", "times"), [(60, 1), (0, 1), (7 * 86_400, 0), (4_294_967_295, 0)])
def test_a_session_that_is_kept_shorter_is_told_of_once(
    kept: int, times: int, caplog: pytest.LogCaptureFixture
) -> None:
    terms = Terms(IngestSettings(), TOPICS)
    with caplog.at_level(logging.WARNING, "ingest"):
        for _ in range(3):
            assert terms.lack(said(SessionExpiryInterval=kept)) is None
    assert len(caplog.records) == times
    assert all(f"for {kept} s, and not for 604800 s" in record.getMessage() for record in caplog.records)
