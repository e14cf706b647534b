"""Text that others saved: one judgement of its encoding, however it is cut into lines and packed."""

import gzip
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spaces.csvtext import CsvRows, judge_delimiter
from spaces.textfile import Changed, NoTextError, TextLines, decode_text, unpacked

text = st.text(st.sampled_from('aé,;\n\r"ß€ñ日x '), max_size=60)


def raw(data: bytes) -> Any:
    return io.BufferedReader(io.BytesIO(data))


def lines_of(data: bytes, encoding: str | None = None) -> Iterator[str]:
    return iter(TextLines(raw(data), encoding))


@given(text, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
def test_utf_is_read_as_it_is(written: str, encoding: str) -> None:
    read, changed = decode_text(written.encode(encoding))
    assert (read, changed) == (written, None)


@given(st.text(st.sampled_from('aéüøÅ,;\n\r" x'), max_size=60).filter(lambda written: not written.isascii()))
def test_windows_1252_is_read_as_it_is_and_told(written: str) -> None:
    read, changed = decode_text(written.encode("cp1252"))
    assert read == written
    assert changed is not None
    assert changed.name in written


@given(st.binary(max_size=80))
def test_any_bytes_are_text_or_said_to_be_none(data: bytes) -> None:
    try:
        read, _ = decode_text(data)
    except NoTextError as error:
        assert "no mark" in str(error)  # noqa: PT017 - either is right
    else:
        assert not any("\ud800" <= sign <= "\udfff" for sign in read)


def test_the_first_changed_name_is_shown_with_its_line() -> None:
    _, changed = decode_text(b"id;name\n1;plain\n2;K\xfcche West\n3;\xd8st\n")
    assert changed == Changed(3, "Küche West", "cp1252")
    assert str(changed) == "is not UTF-8 and is read as Windows-1252: the first changed name is 'Küche West'"


def test_damaged_utf_8_stays_utf_8() -> None:
    read, changed = decode_text("é\n".encode() + b"\xff\n")
    assert read == "é\n�\n"
    assert changed is not None
    assert "shown as �" in str(changed)


def test_an_encoding_that_is_said_is_not_judged() -> None:
    assert list(lines_of(b"\x8a\n", "mac-roman")) == ["ä\n"]
    assert list(lines_of("\ufeffä\n".encode(), "cp1252")) == ["ä\n"], "a mark is believed before"


def test_utf_16_without_a_mark_is_said_to_be_that() -> None:
    with pytest.raises(NoTextError, match="has a zero in every second byte"):
        decode_text("id;name\n".encode("utf-16-le"))


def test_a_packed_file_is_unpacked_and_a_spreadsheet_is_none() -> None:
    assert list(TextLines(unpacked(raw(gzip.compress(b"a,b\n"))))) == ["a,b\n"]
    with pytest.raises(NoTextError, match="save the sheet as CSV"):
        unpacked(raw(b"PK\x03\x04"))


@pytest.mark.parametrize(
    ("header", "wanted", "delimiter"),
    [
        ("id;name, in full, and more;kind", ["id", "kind"], ";"),
        ("id,name", [], ","),
        ("id\tname;x\tkind", [], "\t"),
        ('"a;b;c;d",n,m', ["n"], ","),
        ("id", ["id"], ","),
        ("", [], ","),
        ("a|b|c", [], "|"),
    ],
)
def test_the_delimiter_gives_the_names_that_are_wanted(header: str, wanted: list[str], delimiter: str) -> None:
    assert judge_delimiter(header + "\r\n", wanted) == delimiter


@given(st.lists(st.sampled_from(["a,b", "", "#x", '"q', 'r",1', "  ", "1,2,3"]), max_size=15))
def test_every_line_is_a_row_blank_or_a_comment(written: list[str]) -> None:
    rows = CsvRows([line + "\n" for line in written], ",", "#")
    spans = [row.last - row.line + 1 for row in rows]
    comments_inside = sum(spans) + rows.blank + rows.comments - len(written)
    assert 0 <= comments_inside <= rows.comments
