"""Wide and long tables, filters, and names that become ids."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.convert.mappingfile import MappingError
from simulator.convert.refusals import Reason
from simulator.convert.tables import Table, open_table
from spaces.fields import is_id
from spaces.ids import id_from
from tests.simulator.dumps import dump, refused, said

TIME = '[time]\ncolumn = "when"\n'
DAY = "2026-05-03T22:00:00Z"
WIDE = "when,Desk 1,Desk 2,Temp\n2026-05-04,1,0,21\n"
LONG = """\
when,building,room,type,n
2026-05-04,A,2.04,occupancy,3
2026-05-04,A,2.04,co2,700
2026-05-04,B,2.04,Occupancy,4
2026-05-04,B,2.05,occupancy_old,5
"""


def source(extra: str) -> str:
    return f'{TIME}[[source]]\nfile = "a.csv"\n{extra}\n'


@pytest.mark.parametrize(
    "columns", ['"Desk *"', '["Desk 1", "Desk 2"]', '["Desk 2", "Desk ?"]', '["Desk [12]", "Desk ?"]']
)
def test_a_wide_table_is_one_block(tmp_path: Path, columns: str) -> None:
    if "[12]" in columns:
        assert "there is no column" in refused(tmp_path, source(f"columns = {columns}"), {"a.csv": WIDE})[0]
        return
    done = dump(tmp_path, source(f'columns = {columns}\nvalues = "occupied"'), {"a.csv": WIDE})
    assert said(done.path) == [("Desk-1", DAY, True, None), ("Desk-2", DAY, False, None)] or columns.startswith(
        '["Desk 2'
    )
    assert done.names == {"Desk 1": "Desk-1", "Desk 2": "Desk-2"}
    assert (done.account.files[0].rows, done.account.values, done.account.taken) == (1, 2, 2)


def test_every_column_that_means_nothing_else_is_a_sensor(tmp_path: Path) -> None:
    text = "when,site,a,b\n2026-05-04,x,1,2\n2026-05-05,y,3,4\n"
    done = dump(tmp_path, source('columns = "*"\nwhere = { site = "x" }'), {"a.csv": text})
    assert [(sensor, count) for sensor, _, _, count in said(done.path)] == [("a", 1), ("b", 2)]
    assert done.account.left_out == {Reason.FILTERED: 2}


def test_a_wide_table_is_read_once_however_many_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def counting(file: Path, *rest: Any) -> AbstractContextManager[Table]:
        opened.append(file.name)
        return open_table(file, *rest)

    monkeypatch.setattr("simulator.convert.rows.open_table", counting)
    header = ",".join(f"d{number}" for number in range(300))
    done = dump(tmp_path, source('columns = "*"'), {"a.csv": f"when,{header}\n2026-05-04{',1' * 300}\n"})
    assert done.messages == 300
    assert opened == ["a.csv"]


def test_a_wrong_cell_costs_itself_and_a_wrong_time_the_row(tmp_path: Path) -> None:
    text = "when,a,b\n2026-05-04,1,x\nnever,3,4\n2026-05-06,5,6\n"
    done = dump(tmp_path, source('columns = "*"'), {"a.csv": text}, skip=True)
    assert [count for *_, count in said(done.path)] == [1, 5, 6]
    assert done.account.left_out == {Reason.VALUE: 1, Reason.TIME: 2}
    assert len(done.account.mistakes) == 2


def test_a_pattern_that_fits_no_column_is_a_mistake(tmp_path: Path) -> None:
    assert refused(tmp_path, source('columns = "Seat *"'), {"a.csv": WIDE}) == ["a.csv:1: no column fits 'Seat *'"]


COMPOSITE = 'column = "n"\nsensor_columns = ["building", "room"]\n'


@pytest.mark.parametrize(
    ("filters", "sensors"),
    [
        ('where = { type = "occupancy" }', ["A-2.04", "B-2.04"]),
        ('where = { type = ["occupancy", "occupancy_*"] }', ["A-2.04", "B-2.04", "B-2.05"]),
        ('where = { type = "occ*" }\nunless = { building = "A" }', ["B-2.04", "B-2.05"]),
        ("where = { n = [4, 5] }", ["B-2.04", "B-2.05"]),
        ('where = { type = "occupancy", building = "b" }', ["B-2.04"]),
    ],
)
def test_filters_and_composite_names_on_a_long_table(tmp_path: Path, filters: str, sensors: list[str]) -> None:
    done = dump(tmp_path, source(COMPOSITE + filters), {"a.csv": LONG})
    assert [sensor for sensor, *_ in said(done.path)] == sensors
    assert done.account.left_out == {Reason.FILTERED: 4 - len(sensors)}


def test_names_of_rows_and_of_columns_are_put_together(tmp_path: Path) -> None:
    text = "when,floor,a,b\n2026-05-04,1,1,2\n2026-05-04,2,3,4\n"
    done = dump(tmp_path, source('columns = ["a", "b"]\nsensor_column = "floor"'), {"a.csv": text})
    assert [(sensor, count) for sensor, _, _, count in said(done.path)] == [
        ("1-a", 1),
        ("1-b", 2),
        ("2-a", 3),
        ("2-b", 4),
    ]


@pytest.mark.parametrize("part", ["", "nan", "NULL", "None"])
def test_a_row_without_a_name_is_left_out(tmp_path: Path, part: str) -> None:
    done = dump(
        tmp_path,
        source(COMPOSITE),
        {"a.csv": f"when,building,room,n\n2026-05-04,A,{part},1\n2026-05-04,A,1,2\n"},
        skip=True,
    )
    assert done.account.left_out == {Reason.NO_NAME: 1}


def test_two_names_of_one_id_are_told_once_and_cannot_be_skipped(tmp_path: Path) -> None:
    text = "when,who,n\n" + "".join(
        f"2026-05-{day:02},{who},1\n" for day in range(4, 9) for who in ("Room 1", "Room-1")
    )
    mapping = source('column = "n"\nsensor_column = "who"')
    assert [told.partition(":")[2] for told in refused(tmp_path, mapping, {"a.csv": text})] == [
        "3: 'Room-1' and 'Room 1' both become the id Room-1; name one of them in ids: 2026-05-04,Room-1,1"
    ]
    with pytest.raises(Exception, match="both become the id"):
        dump(tmp_path, mapping, {}, skip=True)
    done = dump(tmp_path, mapping + 'ids = { "Room-1" = "other" }', {})
    assert done.names == {"Room 1": "Room-1", "Room-1": "other"}


def test_two_columns_of_one_id_are_told(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, source('columns = "*"'), {"a.csv": "when,a b,a/b\n2026-05-04,1,2\n"})
    assert "'a/b' and 'a b' both become the id a-b" in told


def test_what_the_dump_does_not_have_is_told(tmp_path: Path) -> None:
    mapping = source('column = "n"\nsensor_column = "who"\nids = { "Rom 1" = "r1" }').replace("a.csv", "a*.csv")
    mapping += 'where = { kind = "y" }\n'
    files = {
        "a1.csv": "when,who,n,kind\n2026-05-04,Room 1,1,y\n",
        "a2.csv": "when,who,n,kind\n",
        "a3.csv": "when,who,n,kind\n2026-05-04,Room 1,1,x\n",
    }
    done = dump(tmp_path, mapping, files)
    assert [f"{one.file.name}: {one.message}" for one in done.account.warnings] == [
        "mapping.toml: ids has 'Rom 1'; did you mean Room 1?",
        "a2.csv: this file has no rows",
        "a3.csv: nothing of this file is taken",
    ]


def test_a_sensor_that_is_no_id_is_suggested_one(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"'Room 1' is no id; did you mean Room-1\?"):
        dump(tmp_path, source('column = "n"\nsensor = "Room 1"'), {})
    with pytest.raises(MappingError, match="names one sensor, and each of the columns is one"):
        dump(tmp_path, source('columns = ["n", "m"]\nsensor = "a"'), {})


@given(st.text(max_size=90))
def test_any_name_becomes_an_id_and_an_id_stays(name: str) -> None:
    sensor = id_from(name)
    assert is_id(sensor)
    assert id_from(sensor) == sensor


@given(st.lists(st.text(st.sampled_from("会議室東西ab"), min_size=1, max_size=5), unique=True, min_size=2, max_size=9))
def test_names_in_other_scripts_stay_apart(names: list[str]) -> None:
    assert len({id_from(name) for name in names}) == len(names)
