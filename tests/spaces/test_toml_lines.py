"""Lines of TOML: a key is found where it stands, however the file is written."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from spaces.toml_lines import TomlLines

MISLEADING = [
    "text = 'plain'",
    "long = '''\n[[space]]\nid = \"no\"\n'''",
    'quoted = """\nid = 1\nkind = \\"\\"\\" # not\n[site]"""',
    "list = [\n  1, # id = 2\n  [2,\n   3],\n]",
    "inner = { id = 'x', deep = { kind = 'y' } }",
    "# id = 3",
    "",
    "dotted.name = 1",
    "when = 2026-01-01 08:00:00",
]


@given(st.lists(st.tuples(st.sampled_from(["space", "sensor"]), st.lists(st.sampled_from(MISLEADING), unique=True))))
def test_keys_of_tables_are_found_behind_whatever_stands_before_them(tables: list[tuple[str, list[str]]]) -> None:
    text, wanted, count = "", [], {"space": 0, "sensor": 0}
    for name, before in tables:
        header = text.count("\n") + 1
        text += f"[[{name}]]\n" + "".join(f"{line}\n" for line in before)
        wanted.append((name, count[name], header, text.count("\n") + 1))
        text += "id = 'a'\n"
        count[name] += 1
    tomllib.loads(text)
    lines = TomlLines(text)
    for name, index, header, line in wanted:
        assert lines.of(name, index, "id") == line
        assert lines.of(name, index) == header
        assert lines.of(name, index, "nowhere") == header


def test_rows_of_an_inline_list_stand_in_their_own_lines() -> None:
    lines = TomlLines("[site]\nid = 'a'\n[[floor]]\nid = 'f'\nzone = [ # two\n {id = 'z',\n  }, {id = 'y'},\n]\n")
    assert lines.of("floor", 0, "zone") == 5
    lines = TomlLines("zone = [\n  {id = 'z', floor = 'f'},\n\n  {id = 'y',\n   floor = 'g'}]\nname = 'x'\n")
    assert [lines.of("zone", 0, "floor"), lines.of("zone", 1), lines.of("zone", 1, "floor")] == [2, 4, 5]
    assert lines.of("", 0, "name") == 6


def test_a_table_below_a_row_belongs_to_that_row() -> None:
    text = "[[calendar]]\nzone = 'a'\n[[calendar]]\n[calendar.hours]\nmon = 'x'\n[[calendar]]\nhours.mon = 'y'\n"
    lines = TomlLines(text)
    assert [lines.of("calendar", index, "hours") for index in range(3)] == [1, 4, 7]


def test_windows_line_ends_count_once() -> None:
    lines = TomlLines("[site]\r\nid = '''a\r\nb'''\r\n\r\nname = 'x'\r\n")
    assert lines.of("site", 0, "name") == 5
