"""Reading the fields of a table or a CSV row: what is wrong is noted with its place, and reading goes on."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from spaces.mistakes import Mistake, did_you_mean
from spaces.times import DAY, HOUR, MINUTE, SECOND, Millis

ID_RULE = "letters, digits, '-', '_', '.' or ':' and at most 64 of them"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
_DURATION = re.compile(r"(\d+)\s*(s|m|min|h|d)")
TEXT = "a text in quotes"
_UNITS = {"s": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}

_T = TypeVar("_T")


def is_id(text: str) -> bool:
    """Whether a text can name a site, a space or a sensor: it travels in topics, addresses and tags."""
    return _ID.fullmatch(text) is not None


class Fields:
    """The fields of one table. Every getter returns a usable value and notes a mistake where there is one."""

    MISSING = "is missing"

    def __init__(
        self,
        values: Mapping[str, object],
        *,
        what: str,
        file: Path,
        line_of: Callable[[str | None], int],
        mistakes: list[Mistake],
    ) -> None:
        self._values = values
        self._what = what
        self._file = file
        self._line_of = line_of
        self._mistakes = mistakes
        self._asked: list[str] = []

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) not in (None, "")

    @property
    def asked(self) -> tuple[str, ...]:
        """The keys that were asked for, each once, in their order."""
        return tuple(dict.fromkeys(self._asked))

    def wrong(self, key: str | None, message: str) -> None:
        """Note a mistake at a key (None: at the table itself)."""
        where = f"{self._what}: {key}: " if key else f"{self._what}: "
        self._mistakes.append(Mistake(self._file, self._line_of(key), where + message))

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text that is not empty; without a default the key must be there."""
        return self._read(key, default, "", _text, TEXT)

    def secret(self, key: str) -> str:
        """Return a text that no message repeats, empty where there is none."""
        self._asked.append(key)
        value = _text(self._values[key]) if key in self else ""
        if value is None:
            self.wrong(key, f"is not {TEXT}")
        return value or ""

    def verbatim(self, key: str, default: str) -> str:
        """Return a text as it stands, spaces and tabs too."""
        return self._read(key, default, default, lambda value: value if isinstance(value, str) else None, TEXT)

    def texts(self, key: str, default: Sequence[str] | None = None) -> tuple[str, ...]:
        """Return texts: one, or a list of them."""
        return tuple(self._read(key, default, (), _texts, "a text in quotes, or a list of them"))

    def identifier(self, key: str, default: str | None = None) -> str:
        """Return an id: it travels in topics, addresses and tags, so its characters are few."""
        value = self.text(key, default)
        if value and value != default and not is_id(value):
            self.wrong(key, f"{value[:80]!r} is no id; ids are {ID_RULE}")
        return value

    def whole(self, key: str, default: int | None = None, *, least: int = 0, most: int = 1_000_000) -> int:
        """Return a whole number within bounds."""
        value = self._read(key, default, least, _whole, "a whole number")
        return self._within(key, value, least, most)

    def number(self, key: str, default: float | None = None, *, least: float = 0.0, most: float = 1e6) -> float:
        """Return a finite number within bounds."""
        value = self._read(key, default, least, _number, "a number")
        return self._within(key, value, least, most)

    def optional_number(self, key: str, *, least: float = 0.0) -> float | None:
        """Return a number, None where there is none."""
        self._asked.append(key)
        return self.number(key, least=least) if key in self else None

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        return self._read(key, default, default, _flag, "true or false")

    def choice(self, key: str, known: Sequence[str], default: str | None = None) -> str:
        """Return one of the known words."""
        value = self.text(key, default)
        if value and value != default and value not in known:
            self.wrong(key, f"{value!r} is not known{did_you_mean(value, known)}")
        return value

    def duration(self, key: str, default: Millis) -> Millis:
        """Return a duration such as "90s", "15m", "2h" in milliseconds."""
        return self._read(key, default, default, _duration, 'a duration such as "90s", "15m" or "2h"')

    def day(self, key: str, default: date | None = None) -> date:
        """Return a date."""
        return self._read(key, default, date(2000, 1, 1), _day, "a date such as 2026-03-01")

    def table(self, key: str) -> Mapping[str, object]:
        """Return an inner table, empty where there is none."""
        return self._read(key, {}, {}, _table, 'a table such as { mon = "08:00-20:00" }')

    def raw(self, key: str) -> object:
        """Return a value as it stands, None where there is none: whoever asks judges it."""
        self._asked.append(key)
        return self._values.get(key)

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                self._mistakes.append(
                    Mistake(
                        self._file,
                        self._line_of(key),
                        f"{self._what}: unknown key {key!r}{did_you_mean(key, self.asked)}",
                    )
                )

    def _read(
        self, key: str, default: _T | None, fallback: _T, convert: Callable[[object], _T | None], expected: str
    ) -> _T:
        self._asked.append(key)
        if key not in self:
            if default is None:
                self.wrong(key, f"{self.MISSING}; it must be {expected}")
                return fallback
            return default
        value = convert(self._values[key])
        if value is None:
            self.wrong(key, f"{_shown(self._values[key])} is not {expected}")
            return fallback
        return value

    def _within(self, key: str, value: _T, least: float, most: float) -> _T:
        if not least <= value <= most:  # type: ignore[operator]  # only ever int or float
            self.wrong(key, f"{value} is outside {least:g} to {most:g}")
        return value


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _texts(value: object) -> Sequence[str] | None:
    texts = [_text(one) for one in (value if isinstance(value, list) else [value])]
    return [text for text in texts if text] if texts and all(texts) else None


def _whole(value: object) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d{1,12}\s*", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value.replace(",", ".") if "." not in value else value)  # 3,5 as Excel saves it in Norway
        except ValueError:
            return None
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else None  # type: ignore[arg-type]  # `good` says that it is a number


def _flag(value: object) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return value if isinstance(value, bool) else None


def _duration(value: object) -> Millis | None:
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(found[1]) * _UNITS[found[2]] if found and len(found[1]) < 8 else None


def _day(value: object) -> date | None:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            return None
    return value if type(value) is date else None


def _table(value: object) -> Mapping[str, object] | None:
    return value if isinstance(value, dict) else None
