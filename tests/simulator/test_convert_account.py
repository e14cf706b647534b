"""Nothing is swallowed: the account of every conversion balances, and memory stays bounded however long a dump is."""

import json
import sys
from pathlib import Path
from subprocess import run as run_program

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.convert import ConversionError, convert
from simulator.convert.account import Account
from simulator.convert.refusals import Reason
from simulator.recording import open_recording
from tests.simulator.dumps import HEAD, balances, dump, people

LONG = (
    '[time]\ncolumn = "when"\n[[source]]\nfile = "a*.csv"\ncolumn = "n"\nsensor_column = "who"\ncomment = "#"\n'
    'where = { ok = "y" }\n'
)
WIDE = '[time]\ncolumn = "when"\n[[source]]\nfile = "a*.csv"\ncolumns = "*"\ncomment = "#"\n'
STAYS = '[time]\ncolumn = "when"\n[[source]]\nfile = "a*.csv"\nvalues = "intervals"\nend = "n"\nsensor_column = "who"\n'
PASSAGES = LONG.replace('column = "n"', 'column = "n"\nvalues = "in-out"\nreset = "04:00"', 1)
times = st.sampled_from(
    [
        *("2022-05-01 08:00", "2022-05-01 09:00", "2022-10-30 02:30", "2022-10-30 02:15", "2022-10-30 08:00 CET"),
        *("2022-03-27 02:30", "2022-05-01 08:00 EST", "never", "", "NaN", "2022-05-01 08:00Z"),
    ]
)
cells = st.sampled_from(["1", "2", "-1", "", "x", "1.5", "in", "out", "NaN", "2022-05-01 10:00", '"', "y", "n"])
names = st.sampled_from(["a", "b", "a b", "a-b", "", "null"])
lines = st.one_of(
    st.tuples(times, names, cells, st.sampled_from(["y", "n"])).map(",".join),
    st.sampled_from(["", "# no", "when,who,n,ok", "a,b", '"open,', "1,2,3,4,5,6", "2022-05-01 08:00,a,1,y,,"]),
)
files = st.lists(st.lists(lines, max_size=12), min_size=1, max_size=3)


@settings(max_examples=150)
@given(st.sampled_from([LONG, WIDE, STAYS, PASSAGES]), files, st.sampled_from(["", "first", "second", "leave-out"]))
def test_every_value_of_any_dump_is_taken_repeated_or_left_out_for_a_reason(
    tmp_path_factory: pytest.TempPathFactory, mapping: str, drawn: list[list[str]], doubled: str
) -> None:
    folder = tmp_path_factory.mktemp("dump")
    rule = f'doubled = "{doubled}"\n' if doubled else ""
    (folder / "mapping.toml").write_text(HEAD + mapping.replace("[[", rule + "[[", 1))
    for index, rows in enumerate(drawn):
        (folder / f"a{index}.csv").write_text("when,who,n,ok\n" + "\n".join(rows) + "\n")
    account = accounted(folder, one_a_row=mapping is LONG)
    for file in account.files:
        assert file.values == file.taken + file.repeated + sum(file.left_out.values())
    assert account.wrong >= len(account.mistakes)
    assert json.loads(json.dumps(account.json()))["values"] == account.values


def accounted(folder: Path, *, one_a_row: bool) -> Account:
    """Return the account of a conversion, whether it comes to a recording or not."""
    try:
        done = convert(folder / "mapping.toml", folder / "out.jsonl", skip_bad_rows=True)
    except ConversionError as error:
        return error.account
    balances(done)
    assert done.account.taken > 0
    assert not one_a_row or done.account.taken == done.messages == sum(1 for _ in open_recording(done.path))
    return done.account


def test_the_account_says_what_became_of_every_row(tmp_path: Path) -> None:
    rows = ["2022-05-01,a,1,y"] * 2 + ["2022-05-01,a,2,y", "2022-05-02,a,3,n", "# no", "2022-05-03,a,x,y", ""]
    text = "\n".join(["when,who,n,ok", *rows])
    done = dump(tmp_path, LONG, {"a.csv": text}, skip=True)
    assert list(done.account.lines()) == [
        "5 rows in 1 file, 5 values: 1 taken, 1 repeated, 3 left out",
        "  left out by where or unless: 1 (first a.csv:5)",
        "  left out with a value that is none: 1 (first a.csv:7)",
        "  left out contradicting an earlier one: 1 (first a.csv:4)",
        "  no rows: comments 1",
    ]
    told = done.account.json()
    assert told["left_out"] == {"contradiction": 1, "filtered": 1, "value": 1}
    assert told["files"][0]["no_rows"] == {"comments": 1}


@pytest.mark.parametrize("text", ["when,who,n,ok\n2022-05-01,a,1,n\n", "when,who,n,ok\n2022-05-01,a,x,y\n"])
def test_where_nothing_is_taken_there_is_no_recording(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConversionError, match="no row of them could be taken") as caught:
        dump(tmp_path, LONG, {"a.csv": text}, skip=True)
    assert caught.value.account.values == sum(caught.value.account.left_out.values()) == 1
    assert not (tmp_path / "out.jsonl").exists()


def test_a_dump_beyond_memory_is_sorted_through_a_file_and_gives_the_same(tmp_path: Path) -> None:
    rows = [
        f"2022-05-{1 + number % 28:02} {number % 24:02}:{number * 7 % 60:02},{number % 5},{number % 9}\n"
        for number in range(20_000)
    ]
    mapping = LONG.replace('where = { ok = "y" }\n', "")
    (tmp_path / "mapping.toml").write_text(HEAD + mapping)
    (tmp_path / "a.csv").write_text("when,who,n\n" + "".join(rows))
    whole = convert(tmp_path / "mapping.toml", tmp_path / "whole.jsonl", skip_bad_rows=True)
    parts = convert(tmp_path / "mapping.toml", tmp_path / "parts.jsonl", skip_bad_rows=True, held=700)
    assert (tmp_path / "whole.jsonl").read_bytes() == (tmp_path / "parts.jsonl").read_bytes()
    assert whole.account.json() == parts.account.json()
    assert whole.account.skipped > 0
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []


MEASURING = """
import resource, sys
from pathlib import Path
from simulator.convert import convert
convert(Path(sys.argv[1]), Path(sys.argv[2]), held=int(sys.argv[3]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_memory_does_not_grow_with_the_dump(tmp_path: Path) -> None:
    mapping = LONG.replace('where = { ok = "y" }\n', "")
    (tmp_path / "mapping.toml").write_text(HEAD + mapping.replace("[[", 'format = "epoch-s"\n[[', 1))
    used = []
    for count in (20_000, 200_000):
        with (tmp_path / "a.csv").open("w") as stream:
            stream.write("when,who,n\n")
            stream.writelines(f"{1_650_000_000 + number},s{number % 40},1\n" for number in range(count))
        arguments = [str(tmp_path / "mapping.toml"), str(tmp_path / "out.jsonl"), "10000"]
        done = run_program([sys.executable, "-c", MEASURING, *arguments], capture_output=True, text=True, check=True)
        used.append(int(done.stdout))
    assert used[1] < used[0] + 25, used


def test_rows_are_in_order_however_they_came(tmp_path: Path) -> None:
    text = "when,who,n,ok\n" + "".join(f"2022-05-{day:02},a,{day},y\n" for day in (3, 1, 28, 2))
    assert people(dump(tmp_path, LONG, {"a.csv": text})) == [1, 2, 3, 28]


def test_reasons_are_all_said() -> None:
    assert len({str(reason) for reason in Reason}) == len(Reason)
