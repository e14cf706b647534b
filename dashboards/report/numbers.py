"""Numbers, lengths and dates as a language writes them."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dashboards.words import Words
from spaces.times import Millis, parse_instant, to_datetime

NOTHING = "\u2013"
_MARKS = {"en": (",", "."), "nb": ("\u00a0", ","), "de": (".", ",")}
"""Between thousands, and before the decimals."""


@dataclass(frozen=True, slots=True)
class Numbers:
    r"""Writes numbers in one language and moments in one zone; what is not known is a dash.

    >>> from dashboards.words import words
    >>> german = Numbers(words("de"), ZoneInfo("Europe/Berlin"))
    >>> german.share(0.6149), german.number(1234.5, 1), german.minutes(75), german.share(None) == NOTHING
    ('61\xa0%', '1.234,5', '1 h 15 min', True)
    """

    words: Words
    zone: ZoneInfo

    def number(self, value: float | None, decimals: int = 0) -> str:
        """Return a number with so many decimals."""
        if value is None:
            return NOTHING
        thousands, point = _MARKS[self.words.language]
        plain = f"{value:,.{decimals}f}"
        return plain.translate({ord(","): thousands, ord("."): point})

    def share(self, value: float | None, decimals: int = 0) -> str:
        """Return a share as a percentage."""
        if value is None:
            return NOTHING
        gap = "" if self.words.language == "en" else "\u00a0"
        return f"{self.number(100 * value, decimals)}{gap}%"

    def minutes(self, value: float | None) -> str:
        """Return a length of so many minutes."""
        if value is None:
            return NOTHING
        hours, minutes = divmod(round(value), 60)
        return self.words("time.hours", h=hours, m=minutes) if hours else self.words("time.minutes", m=minutes)

    def range(self, low: float | None, high: float | None, decimals: int = 0) -> str:
        """Return the two ends of an interval, nothing where one is not known."""
        return (
            "" if low is None or high is None else f"{self.number(low, decimals)}{NOTHING}{self.number(high, decimals)}"
        )

    def day(self, moment: Millis | str | None) -> str:
        """Return the local date of a moment (UTC ms or RFC 3339), year first: the same in every language."""
        if moment is None:
            return NOTHING
        at = parse_instant(moment) if isinstance(moment, str) else moment
        return to_datetime(at).astimezone(self.zone).date().isoformat()


def between(low: str, high: str) -> str:
    """Return two written numbers as the ends of a range: one where they are written alike, or one is not known."""
    return low if low == high or NOTHING in {low, high} else f"{low} {NOTHING} {high}"
