"""Which files a source is of: names and patterns, in natural order."""

import glob
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from spaces.mistakes import FileError, Mistake

_DIGITS = re.compile(r"(\d+)")


def files_of(patterns: Sequence[Path]) -> Sequence[Path]:
    """Return the files of a source in order: pattern by pattern, "part-2" before "part-10"; each file once.

    Raises:
        FileError: where a pattern has no file.
    """
    return list(dict.fromkeys(file for pattern in patterns for file in _matching(pattern)))


def _matching(pattern: Path) -> Iterator[Path]:
    if pattern.exists() or not glob.has_magic(str(pattern)):
        yield pattern
        return
    found = [Path(name) for name in glob.glob(str(pattern), recursive=True)]  # noqa: PTH207 - the pattern may be absolute
    files = sorted((file for file in found if file.is_file()), key=_natural)
    if not files:
        raise FileError(
            [Mistake(pattern, 1, "no file has such a name, but the mapping names it; say where the data is")]
        )
    yield from files


def _natural(file: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(str(file))]
