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


def test_a_refusal_of_an_id_in_a_session_that_was_there_is_told_once_and_asked_again(
    subscribing: Subscribing, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "ingest"):
        for _ in range(3):
            subscribing.connected(present=True)
            assert subscribing.refusal(IN_USE) is None
            assert subscribing.complaint is None
    (record,) = caplog.records
    assert "refused to subscribe us to ledig/v1/# once more (Packet identifier in use)" in record.getMessage()
    assert not subscribing.is_due(quiet=True), "not at once"
    assert subscribing.refusal(GRANTED) is None


WHY = "does not let us subscribe to ledig/v1/#: Not authorized"


def test_a_refusal_in_a_new_session_is_trouble_and_goes_on_being_it_when_the_session_is_there(
    subscribing: Subscribing, caplog: pytest.LogCaptureFixture
) -> None:
    subscribing.connected(present=False)
    assert WHY in (subscribing.refusal(DENIED) or "")
    subscribing.lost()
    subscribing.connected(present=True)
    assert subscribing.refusal(DENIED) is None, "messages that may come are taken"
    assert WHY in (subscribing.complaint or "")
    assert not subscribing.is_due(quiet=True), "not at once"
    subscribing.heard(["other/v1/house/d1/state"])
    assert WHY in (subscribing.complaint or ""), "of another subscription"
    subscribing.heard(["ledig/v1/house/d1/state"])
    assert subscribing.complaint is None
    assert not caplog.records


@pytest.mark.parametrize("granted", [True, False])
def test_a_refusal_in_a_session_that_has_the_subscription_stops_nothing(
    subscribing: Subscribing, caplog: pytest.LogCaptureFixture, *, granted: bool
) -> None:
    subscribing.connected(present=True)
    if granted:
        subscribing.refusal(GRANTED)
        subscribing.lost()
        subscribing.connected(present=True)
    else:
        subscribing.heard(["ledig/v1/house/d1/state"])
    for _ in range(3):
        assert subscribing.refusal(DENIED) is None
        assert subscribing.complaint is None
    (record,) = caplog.records
    assert "its session goes on, and we ask again" in record.getMessage()


def test_of_several_filters_the_one_that_is_refused_is_told() -> None:
    subscribing = Subscribing(IngestSettings(), ["a/#", "b/+"])
    subscribing.connected(present=True)
    assert subscribing.refusal([*GRANTED, *DENIED]) is None
    assert "does not let us subscribe to b/+" in (subscribing.complaint or "")
    subscribing.heard(["a/b/c"])
    assert subscribing.complaint is not None
    subscribing.heard(["b/c"])
    assert subscribing.complaint is None


def test_whoever_gives_up_a_subscription_is_kept_from_nothing() -> None:
    subscribing = Subscribing(IngestSettings(retire=True), ["ledig/v1/#"])
    subscribing.connected(present=True)
    assert subscribing.refusal(DENIED) is None
    assert subscribing.complaint is None


def test_what_workers_share_is_known_by_its_topic() -> None:
    subscribing = Subscribing(IngestSettings(share="team"), ["$share/team/ledig/v1/+/+/+"])
    subscribing.connected(present=True)
    subscribing.refusal(DENIED)
    assert "does not let us subscribe to $share/team/ledig/v1/+/+/+" in (subscribing.complaint or "")
    subscribing.heard(["ledig/v1/house/d1/state"])
    assert subscribing.complaint is None


def test_a_connection_that_ends_while_the_answer_is_awaited_may_have_ended_by_what_was_asked(
    subscribing: Subscribing,
) -> None:
    subscribing.connected(present=False)
    assert subscribing.unanswered == ""
    subscribing.draw_id(())
    assert "asked to subscribe us to ledig/v1/#" in subscribing.unanswered
    subscribing.refusal(GRANTED)
    assert subscribing.unanswered == ""


@pytest.mark.parametrize(("expiry", "times"), [(600, 1), (0, 0)])
def test_a_session_that_is_gone_is_told_of_where_it_was_to_be_kept(
    caplog: pytest.LogCaptureFixture, expiry: int, times: int
) -> None:
    subscribing = Subscribing(IngestSettings(session_expiry=expiry), ["ledig/v1/#"])
    subscribing.connected(present=False)
    subscribing.refusal(GRANTED)
    for _ in range(2):
        subscribing.lost()
        subscribing.connected(present=False)
    assert len(caplog.records) == times
    assert all("no longer has the session ledig-ingest" in record.getMessage() for record in caplog.records)


def test_what_is_granted_at_qos_0_alone_is_told_of_once(
    subscribing: Subscribing, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        subscribing.connected(present=True)
        subscribing.refusal([ReasonCode(PacketTypes.SUBACK, "Granted QoS 0")])
    (record,) = caplog.records
    assert "grants ledig/v1/# at QoS 0 alone" in record.getMessage()
