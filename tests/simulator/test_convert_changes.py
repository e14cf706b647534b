"""Counts kept by who went in and out, and stays with begin and end, held against slow and obvious versions."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.convert.refusals import Reason
from simulator.convert.values import Bent
from spaces.times import rfc3339
from tests.simulator.dumps import dump, moments, occupied, people, refused, said

START = datetime(2026, 5, 4, 22, tzinfo=UTC)
"""Midnight in Amsterdam."""


def flows(extra: str = 'reset = "04:00"') -> str:
    return (
        '[time]\ncolumn = "when"\n[[source]]\nfile = "a.csv"\nvalues = "in-out"\nin = "in"\nout = "out"\n'
        f'sensor = "a"\n{extra}\n'
    )


def passages(extra: str = 'reset = "04:00"', file: str = "a*.csv") -> str:
    return (
        f'[time]\ncolumn = "when"\n[[source]]\nfile = "{file}"\nvalues = "in-out"\ncolumn = "way"\n'
        f'sensor_column = "door"\n{extra}\n'
    )


STAYS = (
    '[time]\ncolumn = "start"\nformat = "%Y-%m-%d %H:%M"\n'
    '[[source]]\nfile = "a.csv"\nvalues = "intervals"\nend = "end"\nsensor_column = "room"\n'
)


def at(minutes: int) -> str:
    return f"{START + timedelta(minutes=minutes):%Y-%m-%dT%H:%MZ}"


def test_ins_and_outs_are_counted_and_never_below_nothing(tmp_path: Path) -> None:
    text = f"when,in,out\n{at(600)},3,0\n{at(610)},1,2\n{at(620)},0,5\n{at(630)},2,0\n"
    done = dump(tmp_path, flows(), {"a.csv": text})
    assert people(done) == [3, 2, 0, 2]
    assert done.account.bent[Bent.BELOW] == 1
    assert any("kept at 0" in line for line in done.account.lines())


def test_at_the_reset_nobody_is_there_and_that_is_said(tmp_path: Path) -> None:
    text = f"when,in,out\n{at(600)},3,1\n{at(3000)},1,0\n"
    done = dump(tmp_path, flows(), {"a.csv": text})
    assert list(zip(moments(done), people(done), strict=True)) == [
        ("2026-05-05T08:00:00Z", 2),
        ("2026-05-06T02:00:00Z", 0),
        ("2026-05-07T00:00:00Z", 1),
    ]
    assert done.account.bent[Bent.EMPTIED] == 1
    assert people(dump(tmp_path, flows('reset = "never"'), {"a.csv": text})) == [2, 3]


def test_a_gap_makes_the_count_unknown_until_the_reset(tmp_path: Path) -> None:
    text = f"when,in,out\n{at(600)},3,1\n{at(610)},NaN,0\n{at(620)},1,0\n{at(3000)},1,0\n"
    done = dump(tmp_path, flows(), {"a.csv": text})
    assert people(done) == [2, None, None, 0, 1]
    assert done.account.bent[Bent.LOST] == 1


def test_counters_that_only_grow_are_told_by_their_differences(tmp_path: Path) -> None:
    rows = [(600, 1000, 990), (610, 1004, 991), (620, "", ""), (630, 1004, 993), (640, 2, 0)]
    text = "when,in,out\n" + "".join(f"{at(minute)},{enter},{leave}\n" for minute, enter, leave in rows)
    done = dump(tmp_path, flows('reset = "04:00"\ncumulative = true'), {"a.csv": text})
    assert people(done) == [0, 3, None, 1, 3]
    assert done.account.bent[Bent.RESTARTED] == 2


@pytest.mark.parametrize(
    ("enter", "leave", "words"),
    [
        ("in", "OUT", ""),
        ("Entry", "exit", ""),
        ("+1", "-1", ""),
        ("kommt", "geht", 'words = { in = "kommt", out = "geht" }'),
    ],
)
def test_a_column_tells_which_way(tmp_path: Path, enter: str, leave: str, words: str) -> None:
    text = f"when,door,way\n{at(1)},a,{enter}\n{at(2)},a,{enter}\n{at(3)},a,{leave}\n"
    assert people(dump(tmp_path, passages('reset = "never"\n' + words), {"a.csv": text})) == [1, 2, 1]


def test_a_way_that_is_none_is_a_mistake(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, passages(), {"a.csv": f"when,door,way\n{at(1)},a,up\n"})
    assert "'up' is neither in nor out" in told


def test_two_people_in_one_second_are_two_and_one_in_two_exports_is_one(tmp_path: Path) -> None:
    header, twice = "when,door,way\n", f"{at(1)},a,in\n{at(1)},a,in\n"
    done = dump(tmp_path, passages(), {"a1.csv": header + twice, "a2.csv": header + twice + f"{at(2)},a,out\n"})
    assert people(done) == [2, 1]
    assert (done.account.taken, done.account.repeated) == (3, 2)


def test_equal_counts_of_one_moment_are_one_and_others_contradict(tmp_path: Path) -> None:
    text = f"when,in,out\n{at(1)},3,1\n{at(1)},3,1\n"
    done = dump(tmp_path, flows(), {"a.csv": text})
    assert (people(done), done.account.repeated) == ([2], 1)
    (told,) = refused(tmp_path, flows(), {"a.csv": text + f"{at(1)},2,0\n"})
    assert "contradicts a.csv:2" in told


events = st.lists(
    st.tuples(st.integers(0, 4_000), st.sampled_from(["a", "b"]), st.integers(0, 3), st.integers(0, 3)),
    min_size=1,
    max_size=40,
    unique_by=lambda event: event[:2],
)


@settings(max_examples=25)
@given(events, st.randoms(use_true_random=False))
def test_counts_are_those_of_a_slow_count_in_any_order_of_rows(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str, int, int]], random: object
) -> None:
    rows = [f"{at(minute)},{door},{enter},{leave}\n" for minute, door, enter, leave in drawn]
    random.shuffle(rows)  # type: ignore[attr-defined] # Hypothesis's Random
    mapping = flows().replace('sensor = "a"', 'sensor_column = "door"')
    done = dump(tmp_path_factory.mktemp("d"), mapping, {"a.csv": "when,door,in,out\n" + "".join(rows)})
    counted = [(sensor, moment, count) for sensor, moment, _, count in said(done.path)]
    assert sorted(counted) == sorted(slow_counts(drawn))
    assert moments(done) == sorted(moments(done))


def slow_counts(drawn: list[tuple[int, str, int, int]]) -> list[tuple[str, str, int | None]]:
    """Walk through every minute; the reset is at 04:00, 240 minutes after each midnight."""
    found: list[tuple[str, str, int | None]] = []
    counts: defaultdict[str, int] = defaultdict(int)
    by_minute = {(minute, door): (enter, leave) for minute, door, enter, leave in drawn}
    order = list(dict.fromkeys(door for _, door, *_ in drawn))
    for minute in range(max(minute for minute, *_ in drawn) + 1):
        for door in order:
            change = by_minute.get((minute, door))
            emptied = minute % 1440 == 240 and counts[door] > 0
            counts[door] = 0 if emptied else counts[door]
            if change is not None:
                counts[door] = max(counts[door] + change[0] - change[1], 0)
            if emptied or change is not None:
                found.append((door, rfc3339(int((START + timedelta(minutes=minute)).timestamp() * 1000)), counts[door]))
    return found


def test_stays_are_occupied_and_then_vacant_and_those_that_touch_are_one(tmp_path: Path) -> None:
    text = (
        "room,start,end\n"
        "r,2026-05-04 09:00,2026-05-04 10:00\nr,2026-05-04 09:30,2026-05-04 11:00\n"
        "r,2026-05-04 11:00,2026-05-04 11:30\nr,2026-05-04 09:15,2026-05-04 09:20\n"
        "r,2026-05-04 12:00,2026-05-04 13:00\nr,2026-05-04 12:00,2026-05-04 13:00\n"
    )
    done = dump(tmp_path, STAYS, {"a.csv": text})
    assert occupied(done) == [
        ("2026-05-04T07:00:00Z", True),
        ("2026-05-04T09:30:00Z", False),
        ("2026-05-04T10:00:00Z", True),
        ("2026-05-04T11:00:00Z", False),
    ]
    assert (done.account.taken, done.account.repeated, done.account.bent[Bent.MERGED]) == (5, 1, 3)


@pytest.mark.parametrize(
    ("end", "part"),
    [
        ("2026-05-04 08:59", "ends before it begins"),
        ("2026-05-04 09:00", "lasts no time"),
        ("", "no end in this row"),
        ("NaN", "no end in this row"),
        ("soon", "does not match"),
    ],
)
def test_a_stay_without_an_end_after_its_begin_is_left_out(tmp_path: Path, end: str, part: str) -> None:
    text = f"room,start,end\nr,2026-05-04 09:00,{end}\ns,2026-05-04 09:00,2026-05-04 10:00\n"
    (told,) = refused(tmp_path, STAYS, {"a.csv": text})
    assert part in told
    done = dump(tmp_path, STAYS, {"a.csv": text}, skip=True)
    assert done.messages == 2
    assert sum(done.account.left_out.values()) == 1
    assert not done.account.left_out[Reason.FILTERED]


def test_a_stay_over_the_autumn_change_ends_after_it_begins(tmp_path: Path) -> None:
    text = "room,start,end\nr,2022-10-29 23:00,2022-10-30 01:00\nr,2022-10-30 02:30,2022-10-30 02:15\n"
    done = dump(tmp_path, STAYS, {"a.csv": text})
    assert moments(done)[2:] == ["2022-10-30T00:30:00Z", "2022-10-30T01:15:00Z"]


@pytest.mark.parametrize(("rule", "end"), [("first", "00:30"), ("second", "01:30"), ("leave-out", None)])
def test_an_end_that_the_clock_shows_twice_goes_by_the_rule(tmp_path: Path, rule: str, end: str | None) -> None:
    text = "room,start,end\nr,2022-10-29 23:00,2022-10-30 02:30\nr,2022-10-31 01:00,2022-10-31 02:00\n"
    done = dump(tmp_path, STAYS.replace("[[", f'doubled = "{rule}"\n[[', 1), {"a.csv": text}, skip=True)
    assert [moment[11:16] for moment in moments(done)][:-2] == ([] if end is None else ["21:00", end])
    assert done.account.bent[Bent.GUESSED] == (end is not None)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("rs"), st.integers(0, 300), st.integers(1, 60)), min_size=1, max_size=30))
def test_stays_cover_what_a_slow_painting_covers(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, int, int]]
) -> None:
    rows = "".join(f"{room},{wall(begin)},{wall(begin + length)}\n" for room, begin, length in drawn)
    done = dump(tmp_path_factory.mktemp("d"), STAYS, {"a.csv": "room,start,end\n" + rows})
    for room in {room for room, *_ in drawn}:
        painted = {minute for one, begin, length in drawn if one == room for minute in range(begin, begin + length)}
        edges = [m for m in range(362) if (m in painted) != (m - 1 in painted)]
        told = [moment for sensor, moment, _, _ in said(done.path) if sensor == room]
        assert told == [rfc3339(int((START + timedelta(minutes=edge)).timestamp() * 1000)) for edge in edges]
    assert moments(done) == sorted(moments(done))


def wall(minutes: int) -> str:
    return f"{START + timedelta(hours=2, minutes=minutes):%Y-%m-%d %H:%M}"
