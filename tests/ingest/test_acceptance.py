"""What is accepted and what is refused, and why: every rule of the contract."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.acceptance import MOST_UNMAPPED, Acceptance
from ingest.decoding import Decoder
from ingest.directory import Directory
from ingest.formats import Address, Ignored, Observation, Outcome, Status
from ingest.formats.native import Native
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Incoming, Verdict, readings_of
from spaces.reading import Reading
from spaces.times import MINUTE, rfc3339
from tests.ingest.houses import NOW, PREFIX, house, judged, message, refusals_of, topic

SITES = {"house": house()}


def judge(*messages: Incoming, known: tuple[Reading, ...] = ()) -> list[Verdict]:
    return judged(messages, SITES, acceptance=Acceptance(known=known))


def read(*messages: Incoming, known: tuple[Reading, ...] = ()) -> list[Reading]:
    return readings_of(judge(*messages, known=known))


def accepted(payload: str, **options: str) -> Reading:
    verdicts = judge(message(payload, **options))  # type: ignore[arg-type]  # `on` alone
    assert refusals_of(verdicts) == []
    return readings_of(verdicts)[0]


def refused(payload: str | bytes, on: str | None = None, *, retained: bool = False) -> Refusal:
    verdicts = judge(message(payload, on=on, retained=retained))
    assert readings_of(verdicts) == []
    return refusals_of(verdicts)[0]


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


@pytest.mark.parametrize(
    ("said", "occupied", "people", "unfit"),
    [
        ('"occupied":true,"battery":255', True, None, ["battery"]),
        ('"occupied":true,"battery":-1', True, None, ["battery"]),
        ('"occupied":false,"battery":"OK"', False, None, ["battery"]),
        ('"occupied":true,"battery":100.01', True, None, ["battery"]),
        ('"occupied":true,"battery":1e400', True, None, ["battery"]),
        ('"occupied":true,"battery":true', True, None, ["battery"]),
        ('"occupied":true,"battery":NaN', True, None, ["battery"]),
        ('"occupied":false,"battery": Infinity ', False, None, ["battery"]),
        ('"occupied":true,"people":-Infinity,"seq":nan', True, None, ["people", "seq"]),
        ('"occupied":true,"rssi":NaN,"name":"a,:NaN,"', True, None, []),
        ('"occupied":true,"battery":{"level":3}', True, None, ["battery"]),
        ('"occupied":null,"battery":255', None, None, ["battery"]),
        ('"occupied":true,"seq":-1', True, None, ["seq"]),
        ('"occupied":true,"seq":9223372036854775808', True, None, ["seq"]),
        ('"occupied":true,"seq":"7"', True, None, ["seq"]),
        ('"occupied":true,"people":2.5', True, None, ["people"]),
        ('"occupied":false,"people":-1', False, None, ["people"]),
        ('"occupied":true,"people":"three","battery":255,"seq":[]', True, None, ["people", "battery", "seq"]),
        ('"occupied":null,"people":-1', None, None, ["people"]),
        ('"people":3,"battery":255', True, 3, ["battery"]),
        ('"people":3.0', True, 3, []),
        ('"people":0.0', False, 0, []),
        ('"people":2e0,"seq":5.0', True, 2, []),
    ],
)
def test_an_optional_field_that_cannot_be_costs_itself_and_not_the_state(
    said: str, people: int | None, unfit: list[str], *, occupied: bool | None
) -> None:
    (verdict,) = judge(message(f'{{"time":{NOW},{said}}}'))
    (reading,) = verdict.readings
    assert (reading.occupied, reading.people) == (occupied, people)
    assert list(verdict.unfit) == unfit
    assert all(getattr(reading, name) is None for name in unfit)


def test_who_does_not_know_and_counts_nobody_does_not_know() -> None:
    nobody = accepted(f'{{"time":{NOW},"occupied":null,"people":0}}')
    assert (nobody.occupied, nobody.people) == (None, None), "unknown, not vacant"
    counted = accepted(f'{{"time":{NOW},"occupied":null,"people":2}}')
    assert (counted.occupied, counted.people) == (True, 2), "who was counted is there"


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
        ('{"people":NaN}', Reason.WRONG_TYPE),
        ('{"occupied":true,"time":NaN}', Reason.MALFORMED),
        ('{"occupied":true,"battery":None}', Reason.MALFORMED),
        ('{"people":2.5}', Reason.WRONG_TYPE),
        ('{"people":-1}', Reason.WRONG_TYPE),
        ('{"people":"three"}', Reason.WRONG_TYPE),
        ('{"people":null,"battery":255}', Reason.NO_STATE),
        ('{"occupied":true,"battery":255,"time":"yesterday"}', Reason.WRONG_TYPE),
        ('{"occupied":"yes","battery":255}', Reason.WRONG_TYPE),
        ('{"occupied":true,"battery":25x}', Reason.MALFORMED),
        ('{"people":99999999999999999999999}', Reason.WRONG_TYPE),
        ('{"occupied":"true"}', Reason.WRONG_TYPE),
        ('{"occupied":1}', Reason.WRONG_TYPE),
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
    acceptance = Acceptance()
    strangers = [message('{"occupied":true}', on=topic(f"x{n}")) for n in range(MOST_UNMAPPED + 3)]
    verdicts = judged(strangers, SITES, acceptance=acceptance)
    assert len(readings_of(verdicts)) == MOST_UNMAPPED
    assert {refusal.reason for refusal in refusals_of(verdicts)} == {Reason.TOO_MANY_SENSORS}
    again = judged([strangers[0], message('{"occupied":true}')], SITES, acceptance=acceptance)
    assert len(readings_of(again)) == 2, "those met before and mapped ones go on"


def test_strangers_in_the_store_count_after_a_restart() -> None:
    known = [Reading("house", f"x{n}", 5, 5) for n in range(MOST_UNMAPPED)]
    verdicts = judge(message('{"occupied":true}', on=topic("new")), known=tuple(known))
    assert refusals_of(verdicts)[0].reason is Reason.TOO_MANY_SENSORS


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (5 * MINUTE, True), (5 * MINUTE + 1, False)])
def test_a_clock_may_run_ahead_by_five_minutes(ahead: int, *, good: bool) -> None:
    assert bool(read(message(f'{{"time":{NOW + ahead},"occupied":true}}'))) is good


def test_however_late_is_accepted() -> None:
    assert accepted('{"time":"2000-01-01T00:00:00Z","occupied":true}').time == SITES["house"].since


def test_without_a_time_it_is_stamped_at_receipt_and_after_the_one_before() -> None:
    first, second, third = read(*[message('{"occupied":true}')] * 3)
    assert [first.time, second.time, third.time] == [NOW, NOW + 1, NOW + 2]
    assert first.stamped
    before = Reading("house", "d1", NOW + 60_000, NOW)
    assert read(message('{"occupied":true}'), known=(before,))[0].time == NOW + 60_001


def test_retained_counts_with_a_time_and_not_without() -> None:
    assert read(message(f'{{"time":{NOW},"occupied":true}}', retained=True))[0].stamped is False
    assert refused('{"occupied":true}', retained=True).reason is Reason.RETAINED


def test_offline_is_unknown_at_receipt_and_the_rest_changes_nothing() -> None:
    on = topic(kind="status")
    offline = read(message("offline", on=on))
    assert offline == [Reading("house", "d1", NOW, NOW, None, stamped=True)]
    for other in (message("online", on=on), message("offline", on=on, retained=True)):
        (verdict,) = judge(other)
        assert (verdict.readings, verdict.refusals) == ((), ())
        assert isinstance(verdict.unchanging, Status)
    assert refused("gone", on).reason is Reason.WRONG_TYPE


@given(
    st.lists(
        st.tuples(st.text(max_size=30), st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.booleans())
    )
)
def test_every_message_becomes_exactly_one_thing(messages: list[tuple[str, bytes, bool]]) -> None:
    batch = [(1, 1, f"{PREFIX}/{rest}", payload, retained) for rest, payload, retained in messages]
    batch += [(1, 1, topic(), payload, retained) for _, payload, retained in messages]
    verdicts = judge(*batch)
    assert [verdict.message for verdict in verdicts] == batch
    assert all(len(one.readings) + len(one.refusals) + isinstance(one.unchanging, Status) == 1 for one in verdicts)
    assert all(refusal.reason is not Reason.UNEXPECTED for refusal in refusals_of(verdicts))


def test_what_nobody_foresaw_is_refused_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    acceptance = Acceptance()
    whole = acceptance._read
    monkeypatch.setattr(acceptance, "_read", lambda one, moment: whole(one, moment) if one.seq != 3 else 1 // 0)
    bad, good = message('{"occupied":true,"seq":3}'), message('{"occupied":true}')
    verdicts = judged([bad, good], SITES, acceptance=acceptance)
    assert refusals_of(verdicts)[0].reason is Reason.UNEXPECTED
    assert len(readings_of(verdicts)) == 1


def test_what_a_format_did_not_foresee_is_refused_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    native = Native(PREFIX)
    whole = native._hear_state
    monkeypatch.setattr(native, "_hear_state", lambda address, payload: whole(address, payload) if payload else 1 // 0)
    heard = Decoder(native).decode([message(""), message('{"occupied":true}')])
    verdicts = Acceptance().judge(heard, Directory(SITES, "native"), NOW)
    assert refusals_of(verdicts)[0].reason is Reason.UNEXPECTED
    assert len(readings_of(verdicts)) == 1


def test_a_message_with_two_mistakes_is_refused_for_what_it_says_before_where_it_is_from() -> None:
    assert refused("{", topic(site="nowhere")).reason is Reason.MALFORMED
    assert refused("gone", topic(site="nowhere", kind="status")).reason is Reason.WRONG_TYPE
    assert refused("online", topic(site="nowhere", kind="status")).reason is Reason.UNKNOWN_SITE


def verdict_on(outcome: Outcome) -> Verdict:
    (verdict,) = Acceptance().judge([(message(""), outcome)], Directory(SITES, "native"), NOW)
    return verdict


def test_one_bad_observation_of_a_message_loses_none_of_its_siblings() -> None:
    first, late, last = (
        Observation(Address("house", "d1"), NOW + ahead, occupied=True) for ahead in (0, MINUTE * 6, 1)
    )
    torn = Refusal(Reason.WRONG_TYPE, "a slot that does not exist")
    stranger = Observation(Address("nowhere", "d1"), NOW)
    verdict = verdict_on([first, late, torn, stranger, last])
    assert [reading.time for reading in verdict.readings] == [NOW, NOW + 1]
    assert [refusal.reason for refusal in verdict.refusals] == [
        Reason.TOO_LATE, Reason.WRONG_TYPE, Reason.UNKNOWN_SITE,
    ]  # fmt: skip


def test_observations_of_one_message_without_times_are_stamped_one_after_another() -> None:
    verdict = verdict_on([Observation(Address("house", "d1")), Observation(Address("house", "d1"))])
    assert [(reading.time, reading.stamped) for reading in verdict.readings] == [(NOW, True), (NOW + 1, True)]


def test_what_is_ignored_is_judged_by_nobody() -> None:
    assert verdict_on(Ignored("neighbour")).unchanging == Ignored("neighbour")
