"""The catalogue: a TOML file a language, read once. A key that ends in `_one` is for the number 1."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "nb", "de")
"""The languages there are; the first is the one of whoever reads none of them."""
_HERE = Path(__file__).parent
_SAME = {"no": "nb", "nn": "nb"}
"""What browsers call Norwegian: who reads Nynorsk reads Bokmål better than English."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language by their keys, such as ``floor.plan``."""

    language: str
    texts: Mapping[str, str]

    @property
    def locale(self) -> str:
        """How dates and numbers are written, as browsers name it."""
        return self.texts["language.locale"]

    def __call__(self, key: str, n: float | None = None, **values: object) -> str:
        """Return a text with its places filled in; of two forms the one that belongs to the number `n`.

        Raises:
            KeyError: there is no such text, or a place of it is not given.

        >>> words("en")("floor.desks", 1, free=0), words("de")("floor.plan", floor="EG")
        ('0 of 1 flexible desk free', 'Plan von EG')
        """
        one = f"{key}_one"
        text = self.texts[one if n == 1 and one in self.texts else key]
        return text.format_map({"n": n, **values} if n is not None else values)


@cache
def words(language: str) -> Words:
    """Return the words of one of `LANGUAGES`."""
    raw = tomllib.loads((_HERE / f"{language}.toml").read_text(encoding="utf-8"))
    return Words(language, dict(_flat(raw)))


def chosen(asked: str | None, accepted: str | None) -> str:
    """Return the language of a reader: the one asked for, else the best of an Accept-Language header.

    >>> chosen(None, "nn-NO,nn;q=0.9,en;q=0.5"), chosen("de", "en"), chosen("xx", None)
    ('nb', 'de', 'en')
    """
    wishes = [asked or "", *_by_weight(accepted or "")]
    for wish in wishes:
        code = wish.partition("-")[0].strip().lower()
        code = _SAME.get(code, code)
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def _by_weight(header: str) -> list[str]:
    parts = [part.partition(";") for part in header[:500].split(",")]
    return [tag.strip() for tag, _, weight in sorted(parts, key=lambda part: -_weight(part[2]))]


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=")) if text.strip() else 1.0
    except ValueError:
        return 0.0


def _flat(raw: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in raw.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", str(value)
