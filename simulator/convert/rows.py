"""The rows of a dump turned into values of sensors; what is wrong with one is left out and accounted for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from simulator.convert.account import Account, FileAccount
from simulator.convert.checks import check_columns, check_format, check_times
from simulator.convert.dates import NumberedDays
from simulator.convert.files import files_of
from simulator.convert.layout import Layout, wanted_columns
from simulator.convert.mapping import OF_CAPACITY, DumpMapping, Source
from simulator.convert.names import Names
from simulator.convert.refusals import Reason, RowError
from simulator.convert.series import SeriesBook
from simulator.convert.showings import Moment, Settled, Showings
from simulator.convert.sorting import Sorter
from simulator.convert.tables import Progress, Table, open_table
from simulator.convert.values import Bent
from spaces.csvtext import CsvRow, Fault
from spaces.mistakes import FileError, Mistake
from spaces.summary import counted
from spaces.times import Millis

_DOUBLED = (
    'the clock shows this time twice, and the order of rows does not tell which it is; say doubled = "first", "second"'
    ' or "leave-out" in [time]'
)


class Draft(NamedTuple):
    """A row whose moment may be known later: (series, value) of each of its values, and of each number of seats."""

    file: FileAccount
    line: int
    values: Sequence[tuple[int, int]]
    seats: Sequence[tuple[int, int]]
    end: Moment | None


class DumpReader:
    """Reads a dump into a sorter. One for all sources, so that a numbered day has one date in all files."""

    def __init__(self, mapping: DumpMapping, account: Account, sorter: Sorter, read: Progress) -> None:
        self.book = SeriesBook()
        self.names = Names()
        self._mapping = mapping
        self._account = account
        self._sorter = sorter
        self._read = read
        days = mapping.time.days
        self._days = NumberedDays(days.start, mapping.time.zone) if days else None

    def read(self, source: Source) -> None:
        """Read all files of a source, one after another, as if they were one."""
        showings: Showings[Draft] = Showings(self._mapping.time.doubled)
        try:
            for file in files_of(source.files):
                self._read_file(file, source, showings)
        except FileError as error:
            self._account.fail(error)
        for settled in showings.finish():
            self._keep(settled)

    def _read_file(self, file: Path, source: Source, showings: Showings[Draft]) -> None:
        wanted = wanted_columns(source, self._mapping.time)
        with open_table(file, source.text, wanted, self._read) as table:
            rows = self._rows_of(file, table, source, wanted)
            for row in table.rows([*wanted, *rows.layout.values]):
                if (taken := rows.take(row)) is not None:
                    for settled in showings.take(*taken, rows.file.number):
                        self._keep(settled)
            rows.file.passed_over = table.passed_over
            if warning := table.warning():
                self._account.warnings.append(warning)

    def _rows_of(self, file: Path, table: Table, source: Source, wanted: Sequence[str]) -> "_FileRows":
        check_columns(file, table.line, table.columns, wanted)
        check_times(table, file, self._mapping.time, wanted)
        layout = Layout(table, source, self._mapping.time, self._days, self._account.bent)
        if not layout.measures:
            message = f"no column fits {', '.join(map(repr, source.columns))}"
            raise FileError([Mistake(file, table.line, message)])
        if self._days is None:  # which give a day its date when they are asked
            check_format(table, file, layout)
        return _FileRows(source, layout, self.names, self.book, self._account, self._account.open(file))

    def _keep(self, settled: Settled[Draft]) -> None:
        moment, draft, guessed = settled
        if moment is None:
            self._account.refuse(draft.file, draft.line, Reason.DOUBLED, _DOUBLED, len(draft.values))
            return
        self._account.bent[Bent.GUESSED] += guessed
        try:
            values = draft.values if draft.end is None else self._stay(moment, draft.end, draft.values)
        except RowError as error:
            self._account.refuse(draft.file, draft.line, error.reason, str(error), len(draft.values))
            return
        for series, value in (*values, *draft.seats):
            self._sorter.add(moment, value, draft.line, series, draft.file.number)

    def _stay(self, begin: Millis, end: Moment, values: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
        """Give a row its end as its value: a showing of it that is later than the begin, the first unless told."""
        late = [moment for moment in end if moment > begin]
        if not late:
            raise RowError(Reason.END, "lasts no time" if end.second == begin else "ends before it begins")
        doubled = self._mapping.time.doubled
        if late[0] != late[-1] and doubled == "leave-out":
            raise RowError(Reason.DOUBLED, _DOUBLED)
        self._account.bent[Bent.GUESSED] += late[0] != late[-1]
        return [(series, late[-1 if doubled == "second" else 0]) for series, _ in values]


class _FileRows:
    """Takes the rows of one file."""

    def __init__(  # noqa: PLR0913, PLR0917 - one of each that a row is held against
        self, source: Source, layout: Layout, names: Names, book: SeriesBook, account: Account, file: FileAccount
    ) -> None:
        self.layout = layout
        self.file = file
        self._source = source
        self._names = names
        self._book = book
        self._account = account
        self._fixed = None if source.names.columns else self._fixed_sensors()

    def _fixed_sensors(self) -> Sequence[str]:
        if self._source.names.sensor:
            return [self._source.names.sensor]
        try:
            return [self._names.id_of(measure.column, self._source.names.ids) for measure in self.layout.measures]
        except RowError as error:
            raise FileError([Mistake(self.file.file, 1, str(error))]) from None

    def take(self, row: CsvRow) -> tuple[str, Moment, Draft] | None:
        """Return whose row it is in the order of the file, when it was measured, and what it says; None without."""
        line, last, cells = row
        width, number = len(self.layout.columns), len(self.layout.measures)
        lost = 1 if isinstance(cells, list) and len(cells) == width else last - line + 1
        self.file.rows += lost
        self.file.values += lost * number
        if isinstance(cells, Fault):
            self._account.refuse(
                self.file, line, Reason.SHAPE, f"is no CSV: {cells.message}{_until(row)}", lost * number
            )
        elif len(cells) != width:
            message = f"{counted(len(cells), 'field')} where the header has {width}: {_shown(cells)}{_until(row)}"
            self._account.refuse(self.file, line, Reason.SHAPE, message, lost * number)
        elif not self.layout.passes(cells):
            self.file.leave_out(Reason.FILTERED, line, number)
        else:
            return self._taken(line, cells, number)
        return None

    def _taken(self, line: int, cells: Sequence[str], number: int) -> tuple[str, Moment, Draft] | None:
        left = number
        try:
            name = self.layout.name(cells)
            sensors = self._fixed if self._fixed is not None else self._sensors(name)
            seats = self._seats(cells)
            values = list(self._values(line, cells, sensors, seats))
            left = len(values)
            if not values:
                return None
            moment, end = self.layout.moment(cells), self.layout.end(cells)
        except RowError as error:
            self._refuse(line, cells, error, left)
            return None
        known = [] if seats is None else [(self._book.seats(sensor), seats) for sensor in dict.fromkeys(sensors)]
        return name, moment, Draft(self.file, line, values, known, end)

    def _seats(self, cells: Sequence[str]) -> int | None:
        """Return the seats that a row tells; where its values can do without, a wrong number costs itself alone."""
        try:
            return self.layout.capacity(cells)
        except RowError:
            if self._source.values.kind in OF_CAPACITY:
                raise
            self._account.bent[Bent.NO_SEATS] += 1
            return None

    def _sensors(self, name: str) -> Sequence[str]:
        wide, ids = self._source.wide, self._source.names.ids
        return [
            self._names.id_of(f"{name}-{measure.column}" if wide and name else name, ids)
            for measure in self.layout.measures
        ]

    def _values(
        self, line: int, cells: Sequence[str], sensors: Sequence[str], seats: int | None
    ) -> Iterator[tuple[int, int]]:
        for sensor, measure in zip(sensors, self.layout.measures, strict=True):
            try:
                value = measure.parse(cells, seats)
            except RowError as error:
                self._refuse(line, cells, error, 1)
            else:
                yield self._book.number(sensor, self._source.values), value

    def _refuse(self, line: int, cells: Sequence[str], error: RowError, values: int) -> None:
        if error.told:
            self.file.leave_out(error.reason, line, values)
        else:
            self._account.refuse(self.file, line, error.reason, f"{error}: {_shown(cells)}", values)


def _shown(cells: Sequence[str]) -> str:
    return ",".join(cells)[:60]


def _until(row: CsvRow) -> str:
    return f"; it goes on to line {row.last}" if row.last > row.line else ""
