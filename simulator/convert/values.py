"""What a cell says: a count of people, a state, or how many went in and out."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from simulator.convert.mapping import ValueRule, Words
from simulator.convert.refusals import Reason, RowError
from simulator.convert.words import DIRECTIONS, GAPS, STATES
from spaces.native import MOST_PEOPLE

UNKNOWN = -(1 << 62)
"""In place of a value: nothing was measured."""
MOST_COUNTED = (1 << 31) - 1
"""The largest number on a counter of ins or outs."""
_LARGEST_FRACTION = 10
"""A fraction of the seats beyond this is a percentage, or a mistake."""
_NUMBER = re.compile(r"[+-]?(\d{1,15}(?:[.,]\d{0,30})?|[.,]\d{1,30})(?:[eE][+-]?\d{1,2})?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_ROUNDING = {"nearest": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}

Parser = Callable[[str, int | None], int]
"""Text of a cell, stripped, and the capacity beside it to a value, `UNKNOWN` for a gap.

Raises:
    RowError: where it is no value of this kind.
"""


class Bent(StrEnum):
    """What was done to values on the way into the recording; the value is how it is said and counted."""

    UNKNOWN = "unknown, by an empty cell or a word for it"
    ROUNDED = "rounded to whole people"
    GUESSED = "at a time that the clock shows twice, taken by the rule as nothing tells which"
    EMPTIED = "set to 0 at the reset with people still counted in"
    BELOW = "kept at 0 where more went out than were in"
    LOST = "lost to a gap, and unknown until the reset"
    RESTARTED = "gone back on a counter, taken to begin again at 0"
    NO_SEATS = "without seats, as the capacity beside it is no number"
    MERGED = "merged into a stay before that they touch"


class NumberReader:
    """Reads numbers, whose decimal sign is `decimal`, or either of the two where it is empty."""

    def __init__(self, decimal: str) -> None:
        self._wrong = {"": "", ".": ",", ",": "."}[decimal]
        self._either = not decimal

    def read(self, text: str) -> Decimal | None:
        """Return a number, None where it is none.

        Raises:
            RowError: where it could be thousands as well as a fraction.
        """
        if not _NUMBER.fullmatch(text) or (self._wrong and self._wrong in text):
            return None
        if self._either and _THOUSANDS.fullmatch(text):
            message = f'{text!r} could be thousands or a fraction; say which: decimal = "." or decimal = ","'
            raise RowError(Reason.VALUE, message)
        return Decimal(text.replace(",", "."))


def parser_of(rule: ValueRule, decimal: str, bent: Counter[Bent]) -> Parser:
    """Return what parses the cells of a source; roundings are counted in `bent`."""
    gaps = GAPS | rule.words.unknown
    numbers = NumberReader(rule.decimal or decimal)
    if rule.kind == "occupied":
        return _occupied(rule, gaps, numbers)
    if rule.kind == "in-out":
        return _change(rule.words, gaps, numbers)
    return _People(rule, gaps, numbers, bent).parse


def count_of(text: str, numbers: NumberReader) -> int:
    """Return a whole number of an in or out column.

    Raises:
        RowError: where it is none.
    """
    number = numbers.read(text)
    if number is None or number != int(number) or not 0 <= number <= MOST_COUNTED:
        raise RowError(Reason.VALUE, f"{text[:40]!r} is no number of people that went in or out")
    return int(number)


def packed(enter: int, leave: int) -> int:
    """Return both numbers of a row as one value."""
    return enter << 32 | leave


def unpacked(value: int) -> tuple[int, int]:
    """Return how many went in and out.

    >>> unpacked(packed(3, 1))
    (3, 1)
    """
    return value >> 32, value & 0xFFFFFFFF


def capacity_of(text: str, numbers: NumberReader) -> int | None:
    """Return the seats of a row, None where the cell is a gap.

    Raises:
        RowError: where it is no number of seats.
    """
    if text.lower() in GAPS:
        return None
    number = numbers.read(text)
    if number is None or number != int(number) or not 0 <= number <= 100_000:
        raise RowError(Reason.CAPACITY, f"{text[:40]!r} is no number of seats")
    return int(number)


class _People:
    """Parses counts, free seats and shares of the seats into people."""

    def __init__(self, rule: ValueRule, gaps: frozenset[str], numbers: NumberReader, bent: Counter[Bent]) -> None:
        self._kind = rule.kind
        self._plain = rule.kind == "people"
        self._seats = rule.capacity
        self._rounding = rule.round
        self._gaps = gaps
        self._numbers = numbers
        self._bent = bent

    def parse(self, text: str, capacity: int | None) -> int:
        if self._plain and len(text) < 7 and text.isdecimal() and text not in self._gaps:
            return int(text)
        if text.lower() in self._gaps:
            return UNKNOWN
        number = self._numbers.read(text.rstrip("%").rstrip() if self._kind == "percent" else text)
        if number is None or number < 0:
            raise self._none(text)
        people = number if self._kind == "people" else self._of_capacity(text, number, capacity)
        return UNKNOWN if people is None else self._whole(text, people)

    def _of_capacity(self, text: str, number: Decimal, capacity: int | None) -> Decimal | None:
        seats = self._seats if self._seats is not None else capacity
        if seats is None:
            return None
        if self._kind == "free":
            if number > seats:
                raise RowError(Reason.VALUE, f"{text[:40]!r} seats are free, of {seats}")
            return seats - number
        if self._kind == "fraction" and number > _LARGEST_FRACTION:
            raise RowError(Reason.VALUE, f'{text[:40]!r} is no fraction of the seats; is it values = "percent"?')
        return number * seats / (100 if self._kind == "percent" else 1)

    def _whole(self, text: str, people: Decimal) -> int:
        if people > MOST_PEOPLE:
            raise self._none(text)
        whole = int(people)
        if whole == people:
            return whole
        if not self._rounding:
            raise self._none(text, '; a fraction needs round = "nearest", "up" or "down"')
        self._bent[Bent.ROUNDED] += 1
        return int(people.to_integral_value(_ROUNDING[self._rounding]))

    def _none(self, text: str, more: str = "") -> RowError:
        what = {"free": "free seats", "percent": "per cent"}.get(self._kind, "people")
        return RowError(Reason.VALUE, f"{text[:40]!r} is no number of {what}, 0 to {MOST_PEOPLE}{more}")


def _occupied(rule: ValueRule, gaps: frozenset[str], numbers: NumberReader) -> Parser:
    words = _states(rule.words)
    amounts = {Decimal(word): state for word, state in words.items() if _NUMBER.fullmatch(word) and "," not in word}

    def parse(text: str, _capacity: int | None) -> int:
        word = text.lower()
        if (found := words.get(word)) is not None and rule.above is None:
            return found
        if word in gaps:
            return UNKNOWN
        if rule.above is None and (amount := numbers.read(text)) in amounts:
            return amounts[amount]
        number = numbers.read(text) if rule.above is not None else None
        if number is not None and rule.above is not None:
            return int(number > rule.above)
        known = (
            f"no number to hold against {rule.above}"
            if rule.above is not None
            else (f"neither occupied nor vacant; known are {', '.join(words)}")
        )
        raise RowError(Reason.VALUE, f"{text[:40]!r} is {known}")

    return parse


def _states(own: Words) -> Mapping[str, int]:
    """Return the words of states: the dump's own in place of those that are known anyhow, for each state."""
    known = {word: state for word, state in STATES.items() if not (own.occupied if state else own.vacant)}
    said = {**dict.fromkeys(sorted(own.occupied), 1), **dict.fromkeys(sorted(own.vacant), 0)}
    return {word: state for word, state in {**known, **said}.items() if word not in own.unknown}


def _change(own: Words, gaps: frozenset[str], numbers: NumberReader) -> Parser:
    words = {**dict.fromkeys(sorted(own.enter), 1), **dict.fromkeys(sorted(own.leave), -1)} or DIRECTIONS

    def parse(text: str, _capacity: int | None) -> int:
        word = text.lower()
        if (found := words.get(word)) is not None:
            return found
        if word in gaps:
            return UNKNOWN
        number = numbers.read(text)
        if number is None or number != int(number) or abs(number) > MOST_PEOPLE:
            raise RowError(Reason.VALUE, f"{text[:40]!r} is neither in nor out; known are {', '.join(words)}, +1, -1")
        return int(number)

    return parse
