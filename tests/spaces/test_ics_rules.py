"""Rules laid out: against dateutil's, which follows them one occurrence at a time."""

from datetime import UTC, datetime, timedelta
from time import perf_counter

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from spaces.ics.layout import TooManyError, lay_out
from spaces.ics.rules import WEEKDAYS, Rule, parse_rule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
LAST = 22_000
"""A day of March 2030."""


def rule_of(text: str) -> Rule:
    wrong: list[str] = []
    rule = parse_rule(text, wrong.append, wrong.append)
    assert rule is not None, wrong
    return rule


def laid_out(text: str, start: datetime, last: int = LAST, most: int = 100_000) -> list[datetime]:
    wall = int((start - EPOCH).total_seconds())
    return [EPOCH + timedelta(seconds=one) for one in lay_out(rule_of(text), wall, last, most).tolist()]


def signed(most: int) -> st.SearchStrategy[list[int]]:
    number = st.integers(1, most).flatmap(lambda value: st.sampled_from([value, -value]))
    return st.lists(number, min_size=1, max_size=3, unique=True)


def among(low: int, high: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(low, high), min_size=1, max_size=3, unique=True)


PARTS = {
    "BYMONTH": among(1, 12),
    "BYMONTHDAY": signed(31),
    "BYHOUR": among(0, 23),
    "BYMINUTE": among(0, 59),
    "BYSECOND": among(0, 59),
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Draw rules that RFC 5545 allows and dateutil reads as it does."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 4))}"]
    some = draw(st.sets(st.sampled_from(sorted(PARTS)), max_size=3))
    if frequency == "WEEKLY":
        some -= {"BYMONTHDAY"}
    weekly = frequency == "YEARLY" and draw(st.booleans())
    if weekly:
        some -= {"BYMONTH", "BYMONTHDAY"}
        parts.append("BYWEEKNO=" + ",".join(map(str, draw(signed(53)))))
    elif frequency == "YEARLY" and draw(st.booleans()):
        parts.append("BYYEARDAY=" + ",".join(map(str, draw(signed(366)))))
    parts += [f"{name}=" + ",".join(map(str, draw(PARTS[name]))) for name in sorted(some)]
    if weekly or draw(st.booleans()):
        # Of numbered weekdays beside plain ones dateutil takes those that are both.
        numbered = frequency in ("MONTHLY", "YEARLY") and not weekly and draw(st.booleans())
        days = draw(st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True))
        numbers = [draw(st.sampled_from(["1", "-1", "2"])) if numbered else "" for _ in days]
        parts.append("BYDAY=" + ",".join(number + day for number, day in zip(numbers, days, strict=True)))
    if draw(st.booleans()):
        parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    if len(parts) > 2 and draw(st.booleans()):
        parts.append("BYSETPOS=" + ",".join(map(str, draw(signed(4)))))
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 40))}")
    return ";".join(parts)


STARTS = st.datetimes(datetime(2019, 12, 25), datetime(2026, 12, 31)).map(lambda when: when.replace(microsecond=0))  # noqa: DTZ001


@given(text=rules(), start=STARTS)
def test_a_rule_names_the_times_that_dateutil_finds(text: str, start: datetime) -> None:
    expected = rrulestr(text, dtstart=start).between(start, EPOCH + timedelta(days=LAST + 1, seconds=-1), inc=True)
    assert laid_out(text, start) == expected


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        ("FREQ=YEARLY", "2024-02-29", ["2024-02-29", "2028-02-29"]),
        ("FREQ=MONTHLY", "2026-01-31", ["2026-01-31", "2026-03-31", "2026-05-31"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-01", ["2026-01-30", "2026-02-27", "2026-03-31"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO", "1997-08-05", ["1997-08-05", "1997-08-10", "1997-08-19"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU", "1997-08-05", ["1997-08-05", "1997-08-17", "1997-08-19"]),
        ("FREQ=YEARLY;BYWEEKNO=20", "1997-05-12", ["1997-05-12", "1998-05-11", "1999-05-17"]),
    ],
)
def test_rules_mean_what_rfc_5545_says_of_them(text: str, start: str, expected: list[str]) -> None:
    found = laid_out(text, datetime.fromisoformat(start))
    assert [f"{when:%Y-%m-%d}" for when in found[: len(expected)]] == expected


def test_a_last_of_a_period_that_is_cut_off_is_not_the_last() -> None:
    last = (datetime(2026, 1, 15) - EPOCH).days  # noqa: DTZ001
    assert laid_out("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", datetime(2026, 1, 1), last) == []  # noqa: DTZ001


def test_more_than_asked_for_is_no_answer_and_found_out_at_once() -> None:
    began = perf_counter()
    with pytest.raises(TooManyError):
        laid_out("FREQ=DAILY;BYHOUR=0,1,2,3", datetime(1970, 1, 1), most=1_000)  # noqa: DTZ001
    assert perf_counter() - began < 1
    assert len(laid_out("FREQ=DAILY;BYHOUR=0,1,2,3;COUNT=1000", datetime(1970, 1, 1), most=1_000)) == 1_000  # noqa: DTZ001
