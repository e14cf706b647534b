"""Writing into a house's `sensors.csv`: rows are added in the columns, the delimiter and the encoding that it has."""

import csv
import io
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from spaces.csvtext import judge_delimiter
from spaces.guard import read_file
from spaces.mistakes import SiteFileError
from spaces.sitefile import files_of, load_site
from spaces.textfile import decode_text

COLUMNS = ("id", "space", "address", "source", "format")
Row = Mapping[str, str]


class SensorListError(Exception):
    """The list cannot be written; the message says why, and nothing was changed."""


def list_of(site: Path) -> Path:
    """Return where the list of a site's sensors is, whether it exists or not."""
    return files_of(site)[0].parent / "sensors.csv"


def add_sensors(site: Path, rows: Sequence[Row]) -> Path:
    """Add rows to the list of a site, and return where it is. Columns that the list lacks are added to it.

    Raises:
        SensorListError: it cannot be read or written, or the site would not be right any more.
    """
    file = list_of(site)
    try:
        before = read_file(file) if os.path.lexists(file) else b""
        text, _ = decode_text(before)
    except (OSError, ValueError) as error:
        raise SensorListError(f"{file} cannot be read: {error}") from error
    _replace(site, file, before, _with_rows(text, rows))
    return file


def spelt(rows: Iterable[Row], columns: Sequence[str] = COLUMNS, delimiter: str = ",") -> str:
    """Return rows as a list has them.

    >>> spelt([{"id": "desk-1", "space": "desk-1", "address": "24e1"}]).split()
    ['desk-1,desk-1,24e1,,']
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerows([[row.get(column, "") for column in columns] for row in rows])
    return out.getvalue()


def _with_rows(text: str, rows: Sequence[Row]) -> str:
    """Return a list's text with rows at its end: what stands there stays as it is, but for cells of new columns."""
    body = text.removeprefix("\ufeff")
    if not body.strip():
        return ",".join(COLUMNS) + "\n" + spelt(rows)
    lines = body.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep="))
    delimiter = judge_delimiter(lines[at], COLUMNS)
    header = [name.strip() for name in next(csv.reader([lines[at]], delimiter=delimiter))]
    used = {key for row in rows for key, value in row.items() if value}
    lacking = [name for name in COLUMNS if name in used and name not in header]
    if lacking:
        parsed = list(csv.reader(lines[at + 1 :], delimiter=delimiter))
        kept = [[*cells, *[""] * (len(header) - len(cells) + len(lacking))] for cells in parsed if cells]
        header += lacking
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([header, *kept])
        body = "\n".join([*lines[:at], out.getvalue()]) if at else out.getvalue()
    end = "" if body.endswith("\n") else "\n"
    return body + end + spelt(rows, header, delimiter)


def _replace(site: Path, file: Path, before: bytes, text: str) -> None:
    """Write a list whole or not at all; where the site is not right with it, the old one is put back."""
    _check(site, file, text)
    try:
        number, name = tempfile.mkstemp(dir=file.parent, prefix=".sensors", suffix=".csv")
        with os.fdopen(number, "wb") as stream:
            stream.write(text.encode("utf-8-sig" if before.startswith(b"\xef\xbb\xbf") else "utf-8"))
            stream.flush()
            os.fsync(number)
        Path(name).chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
        Path(name).replace(file)
    except OSError as error:
        raise SensorListError(f"{file} cannot be written: {error.strerror or error}") from error


def _check(site: Path, file: Path, text: str) -> None:
    """Read the site as it would be, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="ledig-") as folder:
        for one in files_of(site):
            if one.exists() and one != file:
                Path(folder, one.name).write_bytes(one.read_bytes())
        Path(folder, file.name).write_text(text, encoding="utf-8")
        try:
            load_site(Path(folder, files_of(site)[0].name))
        except SiteFileError as error:
            told = "; ".join(one.message for one in error.mistakes[:3])
            raise SensorListError(f"{file} is left as it is, as the site would not be right with it: {told}") from error
