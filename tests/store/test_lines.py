"""Line protocol: every reading is one line, and no text can make it two."""

import re
from urllib.parse import unquote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.reading import Reading
from store.lines import NANOS, tag_text, text_of, to_lines

NASTY = st.text(st.one_of(st.characters(codec=None), st.sampled_from("\n\r\t ,=\"'\\%\0\x85\u2028\ufeff")), max_size=20)
READINGS = st.builds(
    Reading,
    site=NASTY,
    sensor=NASTY,
    time=st.integers(-(2**40), 2**42),
    received=st.integers(0, 2**42),
    occupied=st.none() | st.booleans(),
    people=st.none() | st.integers(0, 10**6),
    battery=st.none() | st.floats(0, 100),
    seq=st.none() | st.integers(0, 2**63 - 1),
    stamped=st.booleans(),
)
_LINE = re.compile(r"occupancy,sensor=(\S+),site=(\S+) ([a-z]+=\S+) (-?\d+)")


def parsed(line: str) -> Reading:
    """Read a line back the slow way, by nothing but commas, equals signs and spaces."""
    found = _LINE.fullmatch(line)
    assert found is not None
    fields = dict(part.split("=") for part in found[3].split(","))
    assert len(fields.keys() & {"occupied", "unknown"}) == 1
    assert len(fields.keys() & {"lag", "stamped"}) == 1
    numbers = {key: int(value[:-1]) for key, value in fields.items() if value.endswith("i")}
    time = int(found[4]) // NANOS
    return Reading(
        text_of(found[2]),
        text_of(found[1]),
        time,
        time + numbers.get("lag", numbers.get("stamped", 0)),
        bool(numbers["occupied"]) if "occupied" in numbers else None,
        numbers.get("people"),
        float(fields["battery"]) if "battery" in fields else None,
        numbers.get("seq"),
        "stamped" in fields,
    )


@given(st.lists(READINGS, max_size=5))
def test_every_reading_is_one_line_that_reads_back(readings: list[Reading]) -> None:
    lines = to_lines(readings).decode()
    assert lines.count("\n") == len(readings)
    assert [parsed(line) for line in lines.split("\n")[:-1]] == readings


@given(NASTY)
def test_a_tag_holds_nothing_that_has_a_meaning_and_reads_back(text: str) -> None:
    tag = tag_text(text)
    assert tag
    assert tag.isprintable()
    assert not set(tag) & set("\n\r\t ,=\"'\\\ufffd")
    assert text_of(tag) == text


@given(NASTY, NASTY)
def test_two_texts_are_two_tags(one: str, other: str) -> None:
    assert (tag_text(one) == tag_text(other)) is (one == other)


@pytest.mark.parametrize("text", ["d-201", "Aa0_.:-z", "büro", "会议室", "a/b+c"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert tag_text(text) == text


def test_percent_signs_are_what_they_are_elsewhere() -> None:
    assert unquote_plus(tag_text("a b")) == "a b"


def test_the_hash_tells_contents_apart_and_the_receipt_does_not() -> None:
    reading = Reading("s", "d", 5, 9, occupied=True)
    others = [
        msgspec.structs.replace(reading, occupied=None),
        msgspec.structs.replace(reading, people=0),
        msgspec.structs.replace(reading, battery=1.0),
        msgspec.structs.replace(reading, seq=0),
        msgspec.structs.replace(reading, stamped=True),
    ]
    moments = [int(line.split()[-1]) for line in to_lines([reading, *others]).splitlines()]
    assert len(set(moments)) == len(moments)
    assert {moment // NANOS for moment in moments} == {5}
    later = to_lines([msgspec.structs.replace(reading, received=77)])
    assert int(later.split()[-1]) == moments[0]


def test_with_milliseconds_the_time_is_the_event_time() -> None:
    assert to_lines([Reading("s", "d", -7, 9, occupied=None)], precision="ms").split()[-1] == b"-7"


def test_no_readings_are_no_lines() -> None:
    assert to_lines([]) == b""
