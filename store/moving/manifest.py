"""The manifest of an export: which files there are, and what is in them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from spaces.fields import is_id
from spaces.times import DAY, Millis, to_datetime, to_millis
from store.moving.checksum import Tally
from store.moving.files import PARTIAL, whole_file
from store.moving.problem import MoveError

MANIFEST = "manifest.json"
FORMAT = "ledig-export-1"
_Hex = Annotated[str, Meta(pattern="^[0-9a-f]+$")]


class SiteDay(NamedTuple):
    """One UTC day of a site, which is one file."""

    site: str
    day: date

    @property
    def start(self) -> Millis:
        """The day's first millisecond."""
        return to_millis(datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC))

    @property
    def end(self) -> Millis:
        """The first millisecond after it."""
        return self.start + DAY

    @property
    def file(self) -> str:
        """Its file, from the export's folder."""
        return f"{self.site}/{self.day.isoformat()}.parquet"

    def __str__(self) -> str:
        return f"{self.site} {self.day.isoformat()}"


def day_of(millis: Millis) -> date:
    """Return the UTC day that a moment is in."""
    return to_datetime(millis).date()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says of one file. `checksum` is of its readings, `sha256` of its bytes."""

    site: str
    day: date
    file: str
    count: Annotated[int, Meta(ge=1)]
    checksum: _Hex
    sha256: _Hex

    @property
    def key(self) -> SiteDay:
        """Whose readings it holds."""
        return SiteDay(self.site, self.day)

    @property
    def tally(self) -> Tally:
        """Count and checksum of its readings."""
        return Tally(self.count, int(self.checksum, 16))


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    format: str
    count: int
    parts: list[Part]


def read_manifest(folder: Path) -> dict[SiteDay, Part]:
    """Return the parts of an export, in order of site and day; none where there is no manifest.

    Raises:
        MoveError: it cannot be read, or says what cannot be.
    """
    path = folder / MANIFEST
    try:
        written = msgspec.json.decode(path.read_bytes(), type=_Written)
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        raise MoveError(f"{path}: cannot be read: {error}") from error
    if written.format != FORMAT:
        raise MoveError(f"{path}: its format is {written.format!r}, and this ledig reads {FORMAT!r}")
    for part in written.parts:
        if not is_id(part.site) or part.file != part.key.file:
            raise MoveError(f"{path}: {part.file!r} is no file of {part.site!r} on {part.day}")
    return _ordered({part.key: part for part in written.parts})


def write_manifest(folder: Path, parts: Mapping[SiteDay, Part]) -> None:
    """Write the manifest anew, whole or not at all."""
    ordered = list(_ordered(parts).values())
    written = _Written(format=FORMAT, count=sum(part.count for part in ordered), parts=ordered)
    with whole_file(folder / MANIFEST) as path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=1) + b"\n")


def sweep(folder: Path) -> None:
    """Take away what an export that was killed had begun to write."""
    for path in _partials(folder):
        path.unlink(missing_ok=True)


def _partials(folder: Path) -> Iterable[Path]:
    return [*folder.glob(f"*{PARTIAL}"), *folder.glob(f"*/*{PARTIAL}")]


def _ordered(parts: Mapping[SiteDay, Part]) -> dict[SiteDay, Part]:
    return {key: parts[key] for key in sorted(parts)}
