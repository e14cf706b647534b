"""Reading a TOML file of ours: its text and its tables, or the one mistake that keeps us from them."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from spaces.guard import one_mistake, read_file
from spaces.mistakes import FileError, Mistake


def read_toml(file: Path, error: type[FileError], needed: str) -> tuple[str, dict[str, object]]:
    """Return a file's text and what it says; `needed` goes on after "there is no such file;".

    Raises:
        FileError: of the type given: the file is not there, cannot be read, is not UTF-8 or no TOML.
    """
    with one_mistake(file, error):
        try:
            text = read_file(file).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
            return text, tomllib.loads(text)
        except FileNotFoundError:
            raise error(_one(file, 1, f"there is no such file; {needed}")) from None
        except UnicodeDecodeError as wrong:
            raise error(_one(file, 1, f"is not UTF-8 at byte {wrong.start}")) from None
        except tomllib.TOMLDecodeError as wrong:
            raise error(_one(file, _line_in(str(wrong), text), f"is no TOML: {wrong}")) from None


def _one(file: Path, line: int, message: str) -> Sequence[Mistake]:
    return [Mistake(file, line, message)]


def _line_in(message: str, text: str) -> int:
    _, _, rest = message.partition("at line ")
    digits = rest.split(",")[0]
    return int(digits) if digits.isdecimal() else max(text.count("\n"), 1)
