"""`spaces.csv` and `sensors.csv` as spreadsheets save them: one cause is one mistake."""

from pathlib import Path

import pytest

from spaces.mistakes import Mistake, SiteFileError
from spaces.site import Site
from spaces.sitefile import load_site
from spaces.times import rfc3339

HOUSE = """
[site]
id = "house"
timezone = "Europe/Oslo"
[[floor]]
id = "f"
width = 400
height = 20
[[zone]]
id = "hall"
floor = "f"
[[calendar]]
space = "d7"
hours = { mon = "08:00-20:00" }
[[capacity]]
space = "d7"
from = 2026-01-01
seats = 2
"""
ROWS = [f"d{number};Plass {number};desk;hall;;{number},5;2,0;1,2;0,8" for number in range(150)]
HEADER = "id;name;kind;zone;assignment;x;y;width;height"
SENSORS = "".join(f"s{number},d{number}\n" for number in range(150))


def load(folder: Path, spaces: str | bytes, sensors: str | bytes = f"id,space\n{SENSORS}") -> Site:
    (folder / "site.toml").write_text(HOUSE)
    for name, listed in (("spaces.csv", spaces), ("sensors.csv", sensors)):
        (folder / name).write_bytes(listed.encode() if isinstance(listed, str) else listed)
    return load_site(folder)


def mistakes(folder: Path, spaces: str | bytes, sensors: str | bytes = f"id,space\n{SENSORS}") -> list[Mistake]:
    with pytest.raises(SiteFileError) as caught:
        load(folder, spaces, sensors)
    return list(caught.value.mistakes)


def saved(*, header: str = HEADER, rows: list[str] = ROWS, end: str = "\r\n", delimiter: str = ";") -> str:
    return "".join(f"{line}{end}" for line in (header, *rows)).replace(";", delimiter)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", [saved(), saved(delimiter="\t", end="\n"), "sep=;\r\n" + saved()])
def test_a_list_as_excel_saves_it_in_norway_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    site = load(tmp_path, text.replace("Plass 3;", "Kjøkken;").replace("Plass 3\t", "Kjøkken\t").encode(encoding))
    assert len(site.spaces) == 150
    desk = site.space_by_id["d3"]
    assert (desk.name, desk.assignment) == ("Kjøkken", "flexible")
    assert desk.place is not None
    assert (desk.place.x, desk.place.y, desk.place.width, desk.place.height) == (3.5, 2.0, 1.2, 0.8)
    assert site.warnings == ()


def test_windows_1252_is_read_with_one_warning_that_shows_the_first_changed_name(tmp_path: Path) -> None:
    text = saved().replace("Plass 3;", "Kjøkken;").replace("Plass 9;", "Møterom;")
    site = load(tmp_path, text.encode("cp1252"))
    assert (site.space_by_id["d3"].name, site.space_by_id["d9"].name) == ("Kjøkken", "Møterom")
    (warning,) = site.warnings
    assert (warning.file.name, warning.line) == ("spaces.csv", 5)
    assert "Windows-1252: the first changed name is 'Kjøkken'" in warning.message


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Id;Name;Kind;Zone;Assignment;X;Y;Width;Height", "did you mean id, name, kind, zone, assignment, x"),
        ("id;name;kind;zone;assignment;x;y;width;hieght", "the header has 'hieght'; did you mean height?"),
        ("id;name;kynd;zone;assignment;x;y;width;height", "the header has 'kynd'; did you mean kind?"),
        ("ID;Name;kind;zone;assignment;x;y;width;height", "the header has 'ID' and 'Name'; did you mean id and name?"),
        ("id;name;kind;zone;assignment;x;y;width;colour", "unknown column 'colour'; known are id, kind"),
        ("id;name;kind;zone;rank;x;y;width;colour", "unknown column 'rank' (2 columns are not known); known are"),
        ("id;name;kind;name;assignment;x;y;width;height", "the header has name twice"),
        ("id;name;assignment;x;y;width;height;area;capacity", "the header lacks kind and zone"),
        ("d900;Plass 900;desk;hall;;9,5;2,0;1,2;0,8", "its first line is no header: it names none of id"),
    ],
)
def test_a_header_is_one_mistake_and_nothing_else_is_blamed(tmp_path: Path, header: str, says: str) -> None:
    (mistake,) = mistakes(tmp_path, saved(header=header))
    assert (mistake.file.name, mistake.line) == ("spaces.csv", 1)
    assert says in mistake.message
    assert "quotes" not in mistake.message


def test_a_header_in_capitals_in_both_lists_is_a_mistake_each(tmp_path: Path) -> None:
    found = mistakes(tmp_path, saved(header=HEADER.title()), "Id,Space\n" + SENSORS)
    assert [(one.file.name, one.line) for one in found] == [("sensors.csv", 1), ("spaces.csv", 1)]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty; its first line names columns: id,kind,zone and others"),
        (b" \r\n\r\n", "is empty"),
        (b"PK\x03\x04rest", "is a spreadsheet or a packed folder; save the sheet as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is a spreadsheet of an old Excel; save the sheet as CSV"),
        (b"%PDF-1.7\n", "is a PDF; save the sheet as CSV"),
        (b"\x1f\x8b\x08\x00rest", "is packed; save the sheet as CSV"),
        (b"<!doctype html><table>", "is a web page; save the sheet as CSV"),
        (saved().encode("utf-16-le"), "no mark"),
        (b"id,kind,zone\nd1,desk\0,hall\n", "zero bytes"),
    ],
)
def test_what_is_no_list_is_one_mistake(tmp_path: Path, data: bytes, says: str) -> None:
    (mistake,) = mistakes(tmp_path, data)
    assert mistake.file.name == "spaces.csv"
    assert says in mistake.message


def test_rows_of_another_width_are_one_mistake_that_says_how_many(tmp_path: Path) -> None:
    rows = [row.replace(",", ".") for row in ROWS]
    (mistake,) = mistakes(tmp_path, saved(rows=rows).replace("Plass ", "Plass, nr. ").replace(";", ","))
    assert mistake.line == 2
    assert mistake.message.startswith("10 fields where the header has 9, and so on in 149 more rows: d0,Plass")


def test_empty_columns_and_rows_behind_a_list_are_nothing(tmp_path: Path) -> None:
    text = saved(header=f"{HEADER};;", rows=[f"{row};;" for row in ROWS]) + ";;;;;;;;;;\r\n" * 20
    assert len(load(tmp_path, text).spaces) == 150


def test_a_row_is_blamed_for_itself_alone_and_in_words_of_a_table(tmp_path: Path) -> None:
    rows = [*ROWS, "dx;;desk;;;;;;", ";;desk;hall;;;;;", "dy;;desk;hall;;wide;1;1;1", "dz;;Desk;hall;;;;;"]
    found = mistakes(tmp_path, saved(rows=rows), "id,space,silence\ns1,d1,soon\ns2,d2,2h\n")
    assert [(one.file.name, one.line) for one in found] == [
        ("sensors.csv", 2), ("spaces.csv", 152), ("spaces.csv", 153), ("spaces.csv", 154), ("spaces.csv", 155),
    ]  # fmt: skip
    assert [one.message.partition(": ")[2] for one in found] == [
        "silence: 'soon' is not a duration such as 90s, 15m or 2h",
        "zone: is empty; it must be a text",
        "id: is empty; it must be a text",
        "x: 'wide' is not a number",
        "kind: 'Desk'; did you mean desk?",
    ]


def test_a_cell_that_does_not_end_is_told_where_it_begins(tmp_path: Path) -> None:
    rows = [*ROWS[:9], '"d9;Plass;desk;hall;;;;;', *ROWS[10:]]
    (mistake,) = mistakes(tmp_path, saved(rows=rows))
    assert mistake.line == 11
    assert "is no CSV from here on" in mistake.message


def test_dates_and_whole_numbers_are_read_as_german_sheets_show_them_and_texts_as_they_stand(tmp_path: Path) -> None:
    spaces = "id;name;kind;zone;capacity\n1.0;2,0;room;hall;4,0\nd7;1.3.2026;desk;hall;1.0\n"
    site = load(tmp_path, spaces, "id;space;since;until\ns1;1.0;01.03.2026;9.11.2026\ns2;d7;2026-03-01;\n")
    room, desk = site.spaces
    assert (room.id, room.name, room.capacity_at(0)) == ("1.0", "2,0", 4)
    assert (desk.name, desk.capacity_at(0)) == ("1.3.2026", 1)
    one, other = site.sensors
    assert one.since == other.since
    assert rfc3339(one.until) == "2026-11-08T23:00:00Z"


@pytest.mark.parametrize("day", ["01/03/2026", "1.3.26", "31.02.2026", "2026.03.01", "4,5"])
def test_a_date_that_can_be_read_in_two_ways_or_in_none_is_a_mistake(tmp_path: Path, day: str) -> None:
    (mistake,) = mistakes(tmp_path, saved(), f"id;space;since\ns1;d1;{day}\n")
    assert f"since: {day!r} is not a date such as 2026-03-01" in mistake.message


def test_signs_that_end_a_line_elsewhere_end_none_of_a_list(tmp_path: Path) -> None:
    site = load(tmp_path, saved().replace("Plass 3;", "Plass\u2028\x0b\x853;"))
    assert len(site.spaces) == 150
    assert site.space_by_id["d3"].name == "Plass\u2028\x0b\x853"
