"""Instants as they are written by people and programs: cut, never rounded, and what is advised is accepted."""

import re

import pytest

from spaces.native import StateMessage, decode_fit, decode_state
from spaces.times import parse_instant, rfc3339

SECOND = 1_777_881_600_000


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("2026-05-04T08:00:00z", 0),
        ("2026-05-04t08:00:00z", 0),
        ("2026-05-04T10:00:00+02:00", 0),
        ("2026-05-04T08:00:00.999999999Z", 999),
        ("2026-05-04T08:00:00.9999995z", 999),
        ("2026-05-04T08:00:00.0009999Z", 0),
        ("2026-05-04T08:00:00.123999999+00:00", 123),
        ("2026-05-04T08:00:00.1239999Z", 123),
        ("2026-05-04T08:00:00.124000001Z", 124),
        ("2026-05-04T08:00:00.9999994Z", 999),
    ],
)
def test_fractions_are_cut_on_every_way(text: str, millis: int) -> None:
    payload = f'{{"battery":87.99999999,"time": "{text}","occupied":true}}'.encode()
    loose, _ = decode_fit(payload)
    assert parse_instant(text) == SECOND + millis
    assert decode_state(payload).millis(payload) == SECOND + millis
    assert loose.millis(payload) == SECOND + millis


def test_a_long_fraction_elsewhere_cuts_no_time() -> None:
    payload = b'{"battery":87.99999999,"time":"2026-05-04T08:00:00Z","occupied":true}'
    state: StateMessage = decode_state(payload)
    assert state.millis(payload) == SECOND


@pytest.mark.parametrize("text", ["1777881600000000000", "9999999999999999"])
def test_what_no_calendar_has_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="is beyond every date"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    ["2026-05-04", "2026-05-04T08:00", "2026-05-04 08:00:00", "20260504T0800", "2026-05-04T08:00:00.5", "1777881600",
     "5", "-5", "86400", "99999999", "yesterday", "2026-05-04T25:00:00Z", "2026-W19-1"],
)  # fmt: skip
def test_what_a_message_advises_is_accepted_as_it_stands(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|perhaps") as refused:
        parse_instant(text)
    said = str(refused.value).partition(";")[2]
    advised = re.findall(r"-?\d[^\s,]*", said)
    assert advised
    for word in advised:
        assert rfc3339(parse_instant(word))
