"""The last guard around files that are looked at while running: whatever a reader throws is a mistake of the file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG

from spaces.mistakes import FileError, Mistake, shown

LARGEST = 20_000_000
"""Bytes of a file that are read."""


def read_file(file: Path, largest: int = LARGEST) -> bytes:
    """Return what a file holds.

    Raises:
        OSError: it cannot be read, is no regular file (a pipe would be waited for), or is larger than `largest` bytes.
    """
    if not S_ISREG(file.stat().st_mode):
        raise OSError(0, "it is no file")
    with file.open("rb") as stream:
        data = stream.read(largest + 1)
    if len(data) > largest:
        raise OSError(0, f"it is larger than {largest / 1_000_000:g} MB")
    return data


@contextmanager
def one_mistake(file: Path, error: type[FileError] = FileError) -> Iterator[None]:
    """Turn whatever is thrown in a block into one mistake of a file: none of them may end a service.

    Raises:
        FileError: of the type given, in place of every other exception; those of files pass.
    """
    try:
        yield
    except FileError:
        raise
    except Exception as wrong:
        raise error([Mistake(file, 1, f"cannot be read: {reason(wrong)}")]) from wrong


def reason(wrong: Exception) -> str:
    """Return what an exception says, to somebody who knows the file and not the code.

    >>> reason(ValueError("no number")), reason(RecursionError("too deep"))
    ('no number', 'RecursionError: too deep')
    """
    if isinstance(wrong, OSError):
        return wrong.strerror or str(wrong)
    return str(wrong) if isinstance(wrong, ValueError) else f"{type(wrong).__name__}: {shown(str(wrong))}"
