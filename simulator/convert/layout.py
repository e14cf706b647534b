"""How the rows of one table are read: which cells are times, names, values and filters, and what they say."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from fnmatch import translate

from simulator.convert.dates import NumberedDays
from simulator.convert.mapping import Source, TimeRule
from simulator.convert.moments import NumberedReader, joined, reader_of
from simulator.convert.names import is_nobody
from simulator.convert.refusals import Reason, RowError
from simulator.convert.showings import Moment
from simulator.convert.tables import Table
from simulator.convert.values import UNKNOWN, Bent, NumberReader, Parser, capacity_of, count_of, packed, parser_of
from simulator.convert.words import is_gap

Cells = Sequence[str]


def wanted_columns(source: Source, rule: TimeRule) -> list[str]:
    """Return the columns that a table must have, in order of the mapping."""
    values, days = source.values, rule.days
    names = [
        *rule.columns,
        *(column for column in source.columns if not _is_pattern(column)),
        *source.names.columns,
        *((days.day, days.weekday) if days else ()),
        *values.end,
        *(name for name in (values.enter, values.leave, values.capacity_column) if name is not None),
        *source.where,
        *source.unless,
    ]
    return list(dict.fromkeys(names))


def value_columns(source: Source, columns: Sequence[str], others: Collection[str]) -> list[str]:
    """Return the columns whose cells are values: those named, and those that fit a pattern and are nothing else."""
    found = []
    for column in source.columns:
        if not _is_pattern(column):
            found.append(column)
            continue
        fits = re.compile(translate(column.replace("[", "[[]")))
        found += [name for name in columns if name and name not in others and fits.fullmatch(name)]
    return list(dict.fromkeys(found))


def _is_pattern(column: str) -> bool:
    return "*" in column or "?" in column


@dataclass(frozen=True, slots=True)
class Measure:
    """One value of a row: the column that names its sensor ("" where the row does), and what its cells say."""

    column: str
    parse: Callable[[Cells, int | None], int]


def _cell(at: int, parse: Parser) -> Callable[[Cells, int | None], int]:
    return lambda cells, capacity: parse(cells[at].strip(), capacity)


class Layout:
    """Reads the rows of one table."""

    def __init__(
        self, table: Table, source: Source, rule: TimeRule, days: NumberedDays | None, bent: Counter[Bent]
    ) -> None:
        """Find the columns in a table that has them; dates of numbered days come from `days`."""
        columns = self.columns = table.columns
        pattern = "iso" if table.iso.intersection((*rule.columns, *source.values.end)) else rule.format
        self._reader = reader_of(pattern, rule.zone)
        zero = rule.days.zero if rule.days else 0
        self._numbered = NumberedReader(days, zero, pattern, rule.zone) if days is not None else None
        self._time_at = [columns.index(name) for name in rule.columns]
        self._day_at = [columns.index(name) for name in (rule.days.day, rule.days.weekday)] if rule.days else []
        self._end_at = [columns.index(name) for name in source.values.end]
        self._name_at = [columns.index(name) for name in source.names.columns]
        capacity = source.values.capacity_column
        self._capacity_at = columns.index(capacity) if capacity is not None else None
        self._numbers = NumberReader(source.values.decimal or table.decimal)
        self._where = [(columns.index(name), _fits(texts)) for name, texts in source.where.items()]
        self._unless = [(columns.index(name), _fits(texts)) for name, texts in source.unless.items()]
        others = set(wanted_columns(source, rule))
        self.values = value_columns(source, columns, others)
        self.measures = self._measures(source, columns, parser_of(source.values, table.decimal, bent))

    def _measures(self, source: Source, columns: Sequence[str], parse: Parser) -> list[Measure]:
        rule = source.values
        if rule.kind == "intervals":
            return [Measure("", lambda _cells, _capacity: 0)]
        if rule.enter is not None and rule.leave is not None:
            return [Measure("", self._flow(columns.index(rule.enter), columns.index(rule.leave)))]
        return [Measure(name if source.wide else "", _cell(columns.index(name), parse)) for name in self.values]

    def _flow(self, enter_at: int, leave_at: int) -> Callable[[Cells, int | None], int]:
        def parse(cells: Cells, _capacity: int | None) -> int:
            enter, leave = cells[enter_at].strip(), cells[leave_at].strip()
            if is_gap(enter) or is_gap(leave):
                return UNKNOWN
            return packed(count_of(enter, self._numbers), count_of(leave, self._numbers))

        return parse

    def passes(self, cells: Cells) -> bool:
        """Whether the filters let a row through."""
        if not self._where and not self._unless:
            return True
        return all(fits(cells[at].strip()) for at, fits in self._where) and not any(
            fits(cells[at].strip()) for at, fits in self._unless
        )

    def moment(self, cells: Cells) -> Moment:
        """Return when a row was measured.

        Raises:
            RowError: where it does not tell.
        """
        text = joined([cells[at] for at in self._time_at])
        if self._numbered is not None:
            day, weekday = (cells[at].strip() for at in self._day_at)
            return self._numbered.read(text, day, weekday)
        return self._reader(text)

    def end(self, cells: Cells) -> Moment | None:
        """Return the end of a row's stay, None where rows are no stays.

        Raises:
            RowError: where it has none.
        """
        if not self._end_at:
            return None
        text = joined([cells[at] for at in self._end_at])
        if not text:
            raise RowError(Reason.END, "no end in this row")
        return self._reader(text)

    def name(self, cells: Cells) -> str:
        """Return the name that the row gives its sensor, "" where it gives none."""
        if not self._name_at:
            return ""
        parts = [cells[at].strip() for at in self._name_at]
        return "" if any(map(is_nobody, parts)) else "-".join(parts)

    def capacity(self, cells: Cells) -> int | None:
        """Return the seats that a row tells.

        Raises:
            RowError: where the cell is no number.
        """
        return None if self._capacity_at is None else capacity_of(cells[self._capacity_at].strip(), self._numbers)


def _fits(texts: Sequence[str]) -> Callable[[str], bool]:
    exact = frozenset(text.lower() for text in texts if not _is_pattern(text))
    patterns = [re.compile(translate(text.lower().replace("[", "[[]"))) for text in texts if _is_pattern(text)]

    def fits(cell: str) -> bool:
        cell = cell.lower()
        return cell in exact or cell.removesuffix(".0") in exact or any(one.fullmatch(cell) for one in patterns)

    return fits
