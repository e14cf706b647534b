"""The paper on faults lists the faults that tests provoke, and names files that are there."""

import re

from tests.docs.papers import ROOT, read, table

ROWS = table(read("docs/faults.md"), "fault", "how it is provoked", "what holds", "test")
FILES = sorted((ROOT / "tests/faults").glob("test_f*.py"))


def test_every_fault_has_its_row_in_order() -> None:
    listed = [int(row[0].split()[0].removeprefix("F")) for row in ROWS]
    tested = {
        int(number)
        for path in FILES
        for number in re.findall(r"^(?:    )?def test_f(\d\d)_", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert listed == sorted(tested)


def test_the_files_named_are_there() -> None:
    assert {row[3].strip("`") for row in ROWS} == {path.name for path in FILES}
