"""Files of dumps as others save them: delimiters, encodings, packing, comments, several as one."""

import codecs
import gzip
from pathlib import Path

import pytest

from simulator.convert.mappingfile import MappingError
from tests.simulator.dumps import dump, moments, people, refused, said

TIME = '[time]\ncolumn = "when"\n'
ROWS = [("2026-05-04", "1"), ("2026-05-05", "2")]


def source(extra: str = "", file: str = '"a.csv"') -> str:
    return f'{TIME}[[source]]\nfile = {file}\ncolumn = "n"\nsensor = "a"\n{extra}\n'


def table(delimiter: str) -> str:
    return "".join(delimiter.join(row) + "\n" for row in [("when", "n"), *ROWS])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_judged_by_the_header(tmp_path: Path, delimiter: str) -> None:
    assert people(dump(tmp_path, source(), {"a.csv": table(delimiter)})) == [1, 2]


@pytest.mark.parametrize(
    ("written", "delimiter"),
    [
        (r'"\t"', "\t"),
        ('"tab"', "\t"),
        ('"~"', "~"),
        ('" "', " "),
        ('"§"', "§"),
        ('"spaces"', "  \t "),
        ('","', ","),
    ],
)
def test_any_sign_may_be_the_delimiter(tmp_path: Path, written: str, delimiter: str) -> None:
    mapping = source(f"delimiter = {written}")
    assert people(dump(tmp_path, mapping, {"a.csv": table(delimiter)})) == [1, 2]


@pytest.mark.parametrize("written", ['"::"', '"\\n"', "'\"'", "3"])
def test_what_is_no_delimiter_is_a_mistake(tmp_path: Path, written: str) -> None:
    with pytest.raises(MappingError, match="delimiter"):
        dump(tmp_path, source(f"delimiter = {written}"), {})


def test_the_line_in_which_excel_is_told_the_delimiter_is_understood(tmp_path: Path) -> None:
    done = dump(tmp_path, source(), {"a.csv": "sep=;\r\nwhen;n;a,b,c,d,e\r\n2026-05-04;1;x\r\n"})
    assert people(done) == [1]


def test_decimal_commas_of_a_file_with_semicolons_are_numbers(tmp_path: Path) -> None:
    done = dump(tmp_path, source('round = "nearest"'), {"a.csv": "when;n\n2026-05-04;1,0\n2026-05-05;2,5\n"})
    assert people(done) == [1, 3]
    (told,) = refused(tmp_path, source('round = "nearest"'), {"a.csv": "when;n\n2026-05-04;1.234\n"})
    assert "could be thousands or a fraction; say which" in told
    (told,) = refused(tmp_path, source('decimal = ","'), {"a.csv": "when;n\n2026-05-04;1.0\n"})
    assert "'1.0' is no number of people" in told
    (told,) = refused(tmp_path, source(), {"a.csv": 'when,n\n2026-05-04,"1,0"\n'})
    assert "'1,0' is no number of people" in told


ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", codecs.BOM_UTF8),
    ("utf-16-le", codecs.BOM_UTF16_LE),
    ("utf-16-be", codecs.BOM_UTF16_BE),
    ("utf-32-le", codecs.BOM_UTF32_LE),
    ("cp1252", b""),
]


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
@pytest.mark.parametrize("packed", [False, True])
def test_an_encoding_is_judged_once(tmp_path: Path, encoding: str, mark: bytes, *, packed: bool) -> None:
    text = mark + "when;who;n\r\n2026-05-04;Küche Süd;1\r\n2026-05-05;Öl;2\r\n".encode(encoding)
    mapping = source().replace('sensor = "a"', 'sensor_column = "who"')
    done = dump(tmp_path, mapping, {"a.csv": gzip.compress(text) if packed else text})
    assert done.names == {"Küche Süd": "Kueche-Sued", "Öl": "Oel"}
    told = [str(warning) for warning in done.account.warnings]
    first = "a.csv:2: is not UTF-8 and is read as Windows-1252: the first changed name is 'Küche Süd'"
    assert [one.rpartition("/")[2] for one in told] == ([first] if encoding == "cp1252" else [])


def test_an_encoding_that_is_said_is_believed(tmp_path: Path) -> None:
    text = "when;who;n\n2026-05-04;Ørsta;1\n".encode("mac-roman")
    mapping = source('encoding = "mac-roman"').replace('sensor = "a"', 'sensor_column = "who"')
    assert dump(tmp_path, mapping, {"a.csv": text}).names == {"Ørsta": "Oersta"}
    with pytest.raises(MappingError, match="'utf-9' is no encoding"):
        dump(tmp_path, source('encoding = "utf-9"'), {})


def test_utf_8_that_is_damaged_is_no_other_encoding(tmp_path: Path) -> None:
    text = "when;who;n\n2026-05-04;Küche;1\n".encode() + b"2026-05-05;Ba\xffd;2\n"
    mapping = source().replace('sensor = "a"', 'sensor_column = "who"')
    (told,) = refused(tmp_path, mapping, {"a.csv": text})
    assert "a.csv:3: the name 'Ba�d' holds bytes that are no text" in told


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("when,n\n2026-05-04,1\n".encode("utf-16-le"), "but no mark"),
        (b"PK\x03\x04\x14\x00", "is a spreadsheet or a packed folder; save the sheet as CSV"),
        (gzip.compress(b"when,n\n" + b"2026-05-04,1\n" * 9_000, mtime=0)[:-20], "ends in the middle"),
        (gzip.compress(b"when,n\n2026-05-04,1\n", mtime=0)[:20] + b"x" * 30, "damaged"),
        (b"PAR1 and no more", "is Parquet and damaged"),
    ],
    ids=["UTF-16 without a mark", "spreadsheet", "cut short", "damaged", "Parquet"],
)
def test_what_is_no_table_is_one_mistake(tmp_path: Path, content: bytes, part: str) -> None:
    (told,) = refused(tmp_path, source(), {"a.csv": content})
    assert part in told


def test_several_files_are_one_in_natural_order(tmp_path: Path) -> None:
    files = {f"part-{number}.csv": f"when,n\n2026-05-{number:02},{number}\n" for number in (2, 10, 1)}
    done = dump(tmp_path, source(file='"part-*.csv"'), dict(files))
    assert [file.file.name for file in done.account.files] == ["part-1.csv", "part-2.csv", "part-10.csv"]
    assert people(done) == [1, 2, 10]
    done = dump(tmp_path, source(file='["part-10.csv", "part-?.csv"]'), {})
    assert [file.file.name for file in done.account.files] == ["part-10.csv", "part-1.csv", "part-2.csv"]


def test_folders_below_are_reached_and_packed_files_are_unpacked(tmp_path: Path) -> None:
    packed = gzip.compress(b"when,n\n2026-05-04,1\n")
    done = dump(tmp_path, source(file='"dump/**/*.csv*"'), {"dump/a/x.csv.gz": packed, "dump/y.csv": table(";")})
    assert people(done) == [1, 2]
    assert done.account.repeated == 1


def test_a_pattern_without_a_file_is_a_mistake(tmp_path: Path) -> None:
    (told,) = refused(tmp_path, source(file='"none-*.csv"'), {})
    assert "no file has such a name, but the mapping names it" in told


def test_a_file_that_has_a_star_in_its_name_is_a_file(tmp_path: Path) -> None:
    assert people(dump(tmp_path, source(file='"a[1]*.csv"'), {"a[1]*.csv": table(",")})) == [1, 2]


def test_the_hour_that_comes_twice_is_told_across_two_files(tmp_path: Path) -> None:
    def rows(*clock: str) -> str:
        return "when,n\n" + "".join(f"2022-10-30 {time},1\n" for time in clock)

    mapping = source(file='"h*.csv"')
    done = dump(
        tmp_path, mapping, {"h1.csv": rows("01:30", "02:00", "02:30"), "h2.csv": rows("02:00", "02:30", "03:00")}
    )
    assert [moment[11:16] for moment in moments(done)] == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
def test_exports_that_overlap_in_the_doubled_hour_are_told_apart_one_by_one(
    tmp_path: Path, cut: int, *, newest_first: bool
) -> None:
    clock = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    rows = [f"2022-10-30 {time},{index}\n" for index, time in enumerate(clock)]
    way = -1 if newest_first else 1
    files = {"a1.csv": rows[: cut + 1][::way], "a2.csv": rows[::way]}
    done = dump(tmp_path, source(file='"a*.csv"'), {name: "when,n\n" + "".join(some) for name, some in files.items()})
    assert people(done) == [0, 1, 2, 3, 4, 5]
    assert [moment[11:16] for moment in moments(done)] == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
    assert done.account.repeated == cut + 1


def test_comments_and_lines_before_the_header_are_no_rows(tmp_path: Path) -> None:
    text = "Export of 4 May\n\n# a comment\nwhen,n\n2026-05-04,1\n  # another, with a comma\n\n2026-05-05,x\n"
    mapping = source('comment = "#"\nskip_lines = 1')
    (told,) = refused(tmp_path, mapping, {"a.csv": text})
    assert told.startswith("a.csv:8: 'x' is no number")
    done = dump(tmp_path, mapping, {"a.csv": text}, skip=True)
    assert done.account.files[0].passed_over == {"comments": 2, "blank lines": 2, "lines before the header": 1}
    assert done.account.files[0].rows == 2


def test_a_header_behind_comments_is_hinted_at(tmp_path: Path) -> None:
    (_, told) = refused(tmp_path, source(), {"a.csv": "# made by a logger\nwhen,n\n2026-05-04,1\n"})
    assert 'are lines with # comments? then say comment = "#"' in told


def test_a_file_without_a_header_gets_one(tmp_path: Path) -> None:
    mapping = source('header = ["date", "time", "n"]\ndelimiter = "spaces"').replace(
        'column = "when"', 'columns = ["date", "time"]'
    )
    assert people(dump(tmp_path, mapping, {"a.csv": "2026-05-04 08:00\t1\n2026-05-04   08:15 2\n"})) == [1, 2]


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    done = dump(tmp_path, source(), {"a.csv": table(",") + table(",").replace("05-0", "06-0")})
    assert people(done) == [1, 2, 1, 2]
    assert done.account.files[0].passed_over == {"headers again": 1}


def test_empty_cells_beyond_the_header_are_nothing(tmp_path: Path) -> None:
    assert people(dump(tmp_path, source(), {"a.csv": "when;n\n2026-05-04;1;\n2026-05-05;2;;\n"})) == [1, 2]


def test_a_column_that_is_there_twice_is_a_mistake(tmp_path: Path) -> None:
    assert refused(tmp_path, source(), {"a.csv": "when,n,n\n2026-05-04,1,2\n"}) == [
        "a.csv:1: the header has 'n' twice, and nothing tells which is meant"
    ]


def test_lines_that_an_open_quote_takes_with_it_are_all_left_out(tmp_path: Path) -> None:
    text = 'when,n\n2026-05-04,1\n"2026-05-05,2\n2026-05-06,3\n2026-05-07,4\n'
    (told,) = refused(tmp_path, source(), {"a.csv": text})
    assert told.startswith("a.csv:3: is no CSV")
    assert told.endswith("it goes on to line 5")
    done = dump(tmp_path, source(), {"a.csv": text}, skip=True)
    assert (done.account.values, done.account.skipped) == (4, 3)


def test_a_file_that_failed_is_blamed_for_nothing_else(tmp_path: Path) -> None:
    both = source() + source(file='"b.csv"').partition(TIME)[2].replace('"a"', '"b"')
    files = {"a.csv": "Wen,m\n" + "2026-05-04,1\n" * 100, "b.csv": table(",")}
    assert [told.partition(";")[0] for told in refused(tmp_path, both, files)] == [
        "a.csv:1: there is no column 'n'",
        "a.csv:1: there is no column 'when'",
    ]


def test_two_sources_of_one_file_are_accounted_for_apart(tmp_path: Path) -> None:
    both = source() + source().partition(TIME)[2].replace('"a"', '"b"').replace('"n"', '"m"')
    done = dump(tmp_path, both, {"a.csv": "when,n,m\n2026-05-04,1,2\n"})
    assert [(sensor, count) for sensor, _, _, count in said(done.path)] == [("a", 1), ("b", 2)]
    assert [file.taken for file in done.account.files] == [1, 1]
