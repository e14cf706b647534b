"""What cells say: gaps are unknown, counts are whole by a rule, seats and shares become people."""

from pathlib import Path

import pytest

from simulator.convert.mappingfile import MappingError
from simulator.convert.refusals import Reason
from simulator.convert.values import Bent
from tests.simulator.dumps import dump, occupied, people, refused

TIME = '[time]\ncolumn = "when"\n'


def source(extra: str = "") -> str:
    return f'{TIME}[[source]]\nfile = "a.csv"\ncolumn = "n"\nsensor = "a"\n{extra}\n'


def rows(*cells: str) -> dict[str, str | bytes]:
    return {"a.csv": "when;n\n" + "".join(f"2026-05-{day:02};{cell}\n" for day, cell in enumerate(cells, 1))}


GAPS = ["", "NaN", "nan", "NA", "N/A", "NULL", "null", "None", "-", "?", "#N/A", r"\N", "unknown", "Unavailable"]


@pytest.mark.parametrize("word", GAPS)
@pytest.mark.parametrize("values", ["people", "occupied", "percent"])
def test_a_gap_is_unknown_and_never_the_state_before(tmp_path: Path, word: str, values: str) -> None:
    extra = f'values = "{values}"' + ("\ncapacity = 100" if values == "percent" else "")
    done = dump(tmp_path, source(extra), rows("1", word, "0"))
    assert people(done) == ([None] * 3 if values == "occupied" else [1, None, 0])
    assert [state for _, state in occupied(done)] == ([True, None, False] if values == "occupied" else [None] * 3)
    assert done.account.bent[Bent.UNKNOWN] == 1


def test_the_dump_may_have_gap_words_of_its_own(tmp_path: Path) -> None:
    done = dump(tmp_path, source('words = { unknown = [255, "Defekt"] }'), rows("1", "255", "defekt", "2"))
    assert people(done) == [1, None, None, 2]


def test_a_state_may_have_words_of_its_own(tmp_path: Path) -> None:
    own = 'values = "occupied"\nwords = { occupied = "belegt", vacant = ["frei", "leer"] }'
    done = dump(tmp_path, source(own), rows("Belegt", "frei", "LEER", "nan"))
    assert [state for _, state in occupied(done)] == [True, False, False, None]
    (told,) = refused(tmp_path, source(own), rows("1"))
    assert "known are belegt, frei, leer" in told


def test_a_state_may_be_turned_round(tmp_path: Path) -> None:
    own = 'values = "occupied"\nwords = { occupied = [0], vacant = [1] }'
    assert [state for _, state in occupied(dump(tmp_path, source(own), rows("0", "1")))] == [True, False]


def test_a_state_that_is_a_number_counts_by_its_value(tmp_path: Path) -> None:
    done = dump(tmp_path, source('values = "occupied"'), rows("1", "1.00", "0,0", "0.", " TRUE ", "+1"))
    assert [state for _, state in occupied(done)] == [True, True, False, False, True, True]
    own = 'values = "occupied"\nwords = { occupied = [2], vacant = [0] }'
    done = dump(tmp_path, source(own), rows("2.0", "0", "2"))
    assert [state for _, state in occupied(done)] == [True, False, True]


def test_per_cent_may_stand_apart_by_any_blank(tmp_path: Path) -> None:
    cells = rows("50 %", "50\N{NO-BREAK SPACE}%", "50\N{NARROW NO-BREAK SPACE}%", "50%", "50")
    assert people(dump(tmp_path, source('values = "percent"\ncapacity = 10'), cells)) == [5] * 5


def test_a_column_may_have_a_line_break_in_its_name(tmp_path: Path) -> None:
    mapping = f'{TIME}[[source]]\nfile = "a.csv"\ncolumn = "People\\n(max)"\nsensor = "a"\n'
    done = dump(tmp_path, mapping, {"a.csv": 'when,"People\n(max)"\n2026-05-01,3\n2026-05-02,4\n'})
    assert people(done) == [3, 4]


def test_a_number_above_a_threshold_is_occupied(tmp_path: Path) -> None:
    own = 'values = "occupied"\nabove = 0.5'
    done = dump(tmp_path, source(own), rows("0,5", "0.51", "7", "", "0"))
    assert [state for _, state in occupied(done)] == [False, True, True, None, False]
    (told,) = refused(tmp_path, source(own), rows("many"))
    assert "no number to hold against 0.5" in told


@pytest.mark.parametrize(("rule", "counts"), [("nearest", [2, 3, 1]), ("up", [2, 3, 2]), ("down", [1, 2, 1])])
def test_fractions_are_rounded_by_the_rule_and_counted(tmp_path: Path, rule: str, counts: list[int]) -> None:
    done = dump(tmp_path, source(f'round = "{rule}"'), rows("1.6", "2.5", "1,2"))
    assert people(done) == counts
    assert done.account.bent[Bent.ROUNDED] == 3


def test_a_fraction_without_a_rule_is_a_mistake(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, source(), rows("1.6", "2.0"))
    assert told.startswith("a.csv:2: '1.6' is no number of people, 0 to 1000000; a fraction needs round =")


def test_free_seats_are_those_that_nobody_has(tmp_path: Path) -> None:
    done = dump(tmp_path, source('values = "free"\ncapacity = 40'), rows("40", "0", "12.0", ""))
    assert people(done) == [0, 40, 28, None]
    (told,) = refused(tmp_path, source('values = "free"\ncapacity = 40'), rows("41"))
    assert "'41' seats are free, of 40" in told


@pytest.mark.parametrize(
    ("values", "cells"),
    [("percent", ["50", "33.3 %", "109,375", "0%"]), ("fraction", ["0.5", "0.333", "1.09375", "0"])],
)
def test_shares_of_the_seats_become_people(tmp_path: Path, values: str, cells: list[str]) -> None:
    mapping = source(f'values = "{values}"\ncapacity = 32\ndecimal = "."')
    done = dump(tmp_path, mapping, rows(*[cell.replace(",", ".") for cell in cells]))
    assert people(done) == [16, 11, 35, 0]
    assert done.account.bent[Bent.ROUNDED] == 1


def test_a_percentage_is_no_fraction(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, source('values = "fraction"\ncapacity = 32'), rows("50"))
    assert 'is it values = "percent"?' in told


def test_a_capacity_may_be_told_row_by_row(tmp_path: Path) -> None:
    text = "when,n,seats\n2026-05-01,10,40\n2026-05-02,10,20\n2026-05-03,10,\n2026-05-04,10,many\n"
    mapping = source('values = "free"\ncapacity_column = "seats"')
    done = dump(tmp_path, mapping, {"a.csv": text}, skip=True)
    assert people(done) == [30, 10, None]
    assert done.account.left_out == {Reason.CAPACITY: 1}
    assert [(one.sensor, one.seats) for one in done.seats] == [("a", 40), ("a", 20)]


def test_a_capacity_that_nobody_needs_costs_itself_alone(tmp_path: Path) -> None:
    text = "when,n,seats\n2026-05-01,10,40\n2026-05-02,11,many\n"
    done = dump(tmp_path, source('capacity_column = "seats"'), {"a.csv": text})
    assert people(done) == [10, 11]
    assert [one.seats for one in done.seats] == [40]
    assert done.account.bent[Bent.NO_SEATS] == 1


@pytest.mark.parametrize(
    ("extra", "part"),
    [
        ('values = "free"', "needs capacity"),
        ('values = "percent"\ncapacity = 3\ncapacity_column = "n"', "one of the two"),
        ('values = "occupied"\ncapacity = 3', "is for values ="),
        ("above = 3", "is for values ="),
        ('reset = "04:00"', "is for values ="),
        ('round = "somehow"', "known are nearest, up, down"),
        ('decimal = ";"', "known are"),
        ('words = { ocupied = ["x"] }', "did you mean occupied"),
        ('words = { occupied = ["x"], vacant = ["X"] }', "cannot be both"),
        ('values = "in-out"', "reset: is missing"),
        ('values = "intervals"', "end: is missing"),
        ("where = { kind = [] }", "needs a text or a list"),
        ('ids = { "Room 1" = "Room 1" }', "did you mean Room-1?"),
        ('in = "x"', "out: is missing"),
    ],
)
def test_what_does_not_go_together_is_a_mistake_of_the_mapping(tmp_path: Path, extra: str, part: str) -> None:
    with pytest.raises(MappingError) as caught:
        dump(tmp_path, source(extra), {})
    assert part in str(caught.value)
