"""What is accepted and what is refused, and why: every rule of the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.acceptance import MOST_UNMAPPED, Acceptance, Incoming, Judged
from ingest.refusals import Reason, Refusal
from spaces.reading import Reading
from spaces.times import MINUTE, rfc3339
from tests.ingest.houses import NOW, PREFIX, house, message, topic

SITES = {"house": house()}


def judge(*messages: Incoming, known: tuple[Reading, ...] = ()) -> Judged:
    return Acceptance(PREFIX, known=known).judge(messages, SITES, NOW)


def accepted(payload: str, **options: str) -> Reading:
    judged = judge(message(payload, **options))  # type: ignore[arg-type]  # `on` alone
    assert judged.refused == []
    return judged.readings[0]


def refused(payload: str | bytes, on: str | None = None, *, retained: bool = False) -> Refusal:
    judged = judge(message(payload, on=on, retained=retained))
    assert judged.readings == []
    return judged.refused[0][1]


def test_a_full_state_is_a_reading() -> None:
    reading = accepted('{"time":"2026-11-17T09:30:00.250+01:00","occupied":true,"people":2,"battery":88.5,"seq":7}')
    assert (reading.site, reading.sensor, reading.received, reading.stamped) == ("house", "d1", NOW, False)
    assert rfc3339(reading.time) == "2026-11-17T08:30:00.250Z"
    assert (reading.occupied, reading.people, reading.battery, reading.seq) == (True, 2, 88.5, 7)


def test_epoch_milliseconds_are_a_time() -> None:
    assert accepted(f'{{"time":{NOW - 5},"occupied":false}}').time == NOW - 5


@pytest.mark.parametrize(("people", "occupied"), [(0, False), (1, True), (9, True)])
def test_a_count_tells_the_state(people: int, *, occupied: bool) -> None:
    reading = accepted(f'{{"time":{NOW},"people":{people}}}')
    assert (reading.people, reading.occupied) == (people, occupied)


def test_null_is_unknown_and_a_missing_state_is_refused() -> None:
    assert accepted(f'{{"time":{NOW},"occupied":null}}').occupied is None
    assert refused(f'{{"time":{NOW},"battery":50}}').reason is Reason.NO_STATE


def test_unknown_keys_are_ignored() -> None:
    assert accepted(f'{{"time":{NOW},"occupied":true,"rssi":-70,"deep":{{"a":[1,2]}}}}').occupied is True


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("", Reason.EMPTY),
        ("null", Reason.WRONG_TYPE),
        ("[]", Reason.WRONG_TYPE),
        ("{", Reason.MALFORMED),
        ("occupied", Reason.MALFORMED),
        ('{"occupied":NaN}', Reason.MALFORMED),
        ('{"occupied":true}}', Reason.MALFORMED),
        ('{"people":1e400}', Reason.WRONG_TYPE),
        ('{"people":2.5}', Reason.WRONG_TYPE),
        ('{"people":-1}', Reason.WRONG_TYPE),
        ('{"people":99999999999999999999999}', Reason.WRONG_TYPE),
        ('{"occupied":"true"}', Reason.WRONG_TYPE),
        ('{"occupied":1}', Reason.WRONG_TYPE),
        ('{"occupied":true,"battery":101}', Reason.WRONG_TYPE),
        ('{"occupied":true,"battery":"full"}', Reason.WRONG_TYPE),
        ('{"occupied":true,"seq":-1}', Reason.WRONG_TYPE),
        ('{"occupied":true,"seq":9223372036854775808}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":"2026-11-19T09:30:00"}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":"yesterday"}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":1.7e12}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":true}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":1795000000}', Reason.SECONDS),
        ('{"occupied":true,"time":0}', Reason.SECONDS),
        ('{"occupied":true,"time":-5}', Reason.SECONDS),
        ('{"occupied":true,"time":"1970-01-01T00:00:00Z"}', Reason.TOO_EARLY),
        ('{"occupied":true,"time":"0001-01-01T00:00:00+14:00"}', Reason.TOO_EARLY),
        ('{"occupied":true,"time":"2099-01-01T00:00:00Z"}', Reason.TOO_LATE),
        ('{"occupied":true,"time":"9999-12-31T23:59:59-14:00"}', Reason.TOO_LATE),
        ('{"occupied":true,"time":9999999999999999}', Reason.TOO_LATE),
        ('{"occupied":true,"time":99999999999999999999999999}', Reason.TOO_LATE),
        ('{"occupied":false,"people":3}', Reason.CONTRADICTION),
        ('{"occupied":true,"people":0}', Reason.CONTRADICTION),
        ('{"occupied":' + "[" * 100_000, Reason.TOO_LARGE),
        ('{"x":' + "[" * 20_000, Reason.MALFORMED),
        (b"\xff\xfe\x00", Reason.MALFORMED),
        (b'{"occupied":true,"time":"\xff"}', Reason.WRONG_TYPE),
        ('{"occupied":true,"x":"\\ud800"}', Reason.MALFORMED),
        (b"\x00" * 40, Reason.MALFORMED),
        (b" " * 1_000_000, Reason.TOO_LARGE),
    ],
)
def test_a_bad_payload_is_refused_for_its_reason(payload: str | bytes, reason: Reason) -> None:
    found = refused(payload)
    assert found.reason is reason
    assert 0 < len(found.detail) <= 250


@pytest.mark.parametrize(
    "on",
    [
        "ledig/v1/house/d1",
        "ledig/v1/house/d1/state/more",
        "ledig/v1/house/d1/stat",
        "ledig/v2/house/d1/state",
        "ledig/v1//d1/state",
        "ledig/v1/house//state",
        "ledig/v1/house/a b/state",
        "ledig/v1/house/\x00/state",
        "ledig/v1/house/" + "d" * 65 + "/state",
        "ledig/v1/",
        "",
    ],
)
def test_a_topic_that_speaks_of_no_sensor_is_refused(on: str) -> None:
    assert refused('{"occupied":true}', on or "ledig").reason is Reason.TOPIC


def test_an_unknown_site_is_refused_with_what_is_near() -> None:
    found = refused('{"occupied":true}', topic(site="hause"))
    assert found.reason is Reason.UNKNOWN_SITE
    assert "did you mean house?" in found.detail


def test_a_sensor_that_no_space_claims_is_stored_up_to_a_bound() -> None:
    acceptance = Acceptance(PREFIX)
    strangers = [message('{"occupied":true}', on=topic(f"x{n}")) for n in range(MOST_UNMAPPED + 3)]
    judged = acceptance.judge(strangers, SITES, NOW)
    assert len(judged.readings) == MOST_UNMAPPED
    assert {refusal.reason for _, refusal in judged.refused} == {Reason.TOO_MANY_SENSORS}
    again = acceptance.judge([strangers[0], message('{"occupied":true}')], SITES, NOW)
    assert len(again.readings) == 2, "those met before and mapped ones go on"


def test_strangers_in_the_store_count_after_a_restart() -> None:
    known = [Reading("house", f"x{n}", 5, 5) for n in range(MOST_UNMAPPED)]
    judged = Acceptance(PREFIX, known=known).judge([message('{"occupied":true}', on=topic("new"))], SITES, NOW)
    assert judged.refused[0][1].reason is Reason.TOO_MANY_SENSORS


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (5 * MINUTE, True), (5 * MINUTE + 1, False)])
def test_a_clock_may_run_ahead_by_five_minutes(ahead: int, *, good: bool) -> None:
    judged = judge(message(f'{{"time":{NOW + ahead},"occupied":true}}'))
    assert bool(judged.readings) is good


def test_however_late_is_accepted() -> None:
    assert accepted('{"time":"2000-01-01T00:00:00Z","occupied":true}').time == SITES["house"].since


def test_without_a_time_it_is_stamped_at_receipt_and_after_the_one_before() -> None:
    first, second, third = judge(*[message('{"occupied":true}')] * 3).readings
    assert [first.time, second.time, third.time] == [NOW, NOW + 1, NOW + 2]
    assert first.stamped
    before = Reading("house", "d1", NOW + 60_000, NOW)
    assert judge(message('{"occupied":true}'), known=(before,)).readings[0].time == NOW + 60_001


def test_retained_counts_with_a_time_and_not_without() -> None:
    assert judge(message(f'{{"time":{NOW},"occupied":true}}', retained=True)).readings[0].stamped is False
    assert refused('{"occupied":true}', retained=True).reason is Reason.RETAINED


def test_offline_is_unknown_at_receipt_and_the_rest_changes_nothing() -> None:
    on = topic(kind="status")
    offline = judge(message("offline", on=on)).readings
    assert offline == [Reading("house", "d1", NOW, NOW, None, stamped=True)]
    for other in (message("online", on=on), message("offline", on=on, retained=True)):
        assert judge(other) == ([], [], [], 1)
    assert refused("gone", on).reason is Reason.WRONG_TYPE


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.booleans())
    )
)
def test_every_message_becomes_exactly_one_thing(messages: list[tuple[str, bytes, bool]]) -> None:
    batch = [(1, 1, f"{PREFIX}/{rest}", payload, retained) for rest, payload, retained in messages]
    batch += [(1, 1, topic(), payload, retained) for _, payload, retained in messages]
    judged = judge(*batch)
    assert len(judged.readings) + len(judged.refused) + judged.status == len(batch)
    assert all(refusal.reason is not Reason.UNEXPECTED for _, refusal in judged.refused)


def test_what_nobody_foresaw_is_refused_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    acceptance = Acceptance(PREFIX)
    whole = acceptance._one
    monkeypatch.setattr(acceptance, "_one", lambda m, s, r: whole(m, s, r) if m[0] else 1 // 0)
    bad, good = (0, 1, topic(), b"", False), message('{"occupied":true}')
    judged = acceptance.judge([bad, good], SITES, NOW)
    assert judged.refused[0][1].reason is Reason.UNEXPECTED
    assert len(judged.readings) == 1
