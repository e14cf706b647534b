"""Whatever a format hands on, acceptance lets nothing through that a store may never take or a figure believe."""

from typing import Any, cast

import pytest

from ingest.acceptance import Acceptance
from ingest.directory import Directory
from ingest.formats import Address, Observation, Outcome
from ingest.refusals import Reason
from ingest.verdicts import Incoming
from tests.api.office import NOW, office

MESSAGE: Incoming = (1, 1, "any/topic", b"?", False)
SENSOR = Address("office", "s-mixed-0")


def _refused(outcome: Outcome) -> list[Reason]:
    (verdict,) = Acceptance().judge([(MESSAGE, outcome)], Directory({"office": office()}, "any"), NOW)
    assert not verdict.readings
    return [refusal.reason for refusal in verdict.refusals]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"people": -5}, Reason.WRONG_TYPE),
        ({"people": 2**64 + 1}, Reason.WRONG_TYPE),
        ({"people": 2.5}, Reason.WRONG_TYPE),
        ({"occupied": False, "people": 3}, Reason.CONTRADICTION),
        ({"occupied": None, "people": 3}, Reason.CONTRADICTION),
    ],
)
def test_values_that_cannot_be_are_refused(said: dict[str, Any], reason: Reason) -> None:
    assert _refused([Observation(SENSOR, **said)]) == [reason]


@pytest.mark.parametrize(
    ("said", "unfit"),
    [
        ({"occupied": True, "battery": 900.0}, ["battery"]),
        ({"occupied": True, "battery": float("nan")}, ["battery"]),
        ({"occupied": None, "battery": -1.0}, ["battery"]),
        ({"occupied": True, "seq": -1}, ["seq"]),
        ({"occupied": True, "seq": 2**63}, ["seq"]),
        ({"occupied": False, "people": -5}, ["people"]),
        ({"occupied": True, "people": 2.5, "battery": 101.0}, ["people", "battery"]),
        ({"occupied": True, "battery": 5.0, "unfit": ("seq",)}, ["seq"]),
    ],
)
def test_values_that_cannot_be_and_that_a_state_does_without_are_left_out(
    said: dict[str, Any], unfit: list[str]
) -> None:
    (verdict,) = Acceptance().judge(
        [(MESSAGE, [Observation(SENSOR, **said)])], Directory({"office": office()}, "any"), NOW
    )
    (reading,) = verdict.readings
    assert (reading.occupied, list(verdict.unfit)) == (said["occupied"], unfit)
    assert all(getattr(reading, name) is None for name in unfit)


@pytest.mark.parametrize("sensor", ["", "bad id", "a/b", 'x,y="1"', "\ud800", "s" * 65])
def test_a_sensor_that_no_id_can_name_is_refused(sensor: str) -> None:
    assert _refused([Observation(Address("office", sensor), occupied=True)]) == [Reason.TOPIC]


@pytest.mark.parametrize("outcome", [None, (Observation(SENSOR, occupied=True),), "nonsense"])
def test_what_is_no_outcome_is_refused_and_not_passed_over(outcome: object) -> None:
    assert _refused(cast("Outcome", outcome)) == [Reason.UNEXPECTED]


def test_a_good_reading_beside_a_bad_one_is_taken() -> None:
    good, bad = Observation(SENSOR, occupied=True, people=2, seq=7), Observation(SENSOR, people=-1)
    (verdict,) = Acceptance().judge([(MESSAGE, [bad, good])], Directory({"office": office()}, "any"), NOW)
    assert [(reading.people, reading.seq) for reading in verdict.readings] == [(2, 7)]
    assert [refusal.reason for refusal in verdict.refusals] == [Reason.WRONG_TYPE]
