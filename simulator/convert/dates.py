"""Dates for days that a dump only numbers."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from spaces.times import DAY, Millis, to_millis

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = timedelta(days=1)


class NumberedDays:
    """Dates for days that a dump only numbers, shuffled perhaps, and whose weekday it gives.

    A day gets the first date from `start` on that has its weekday, that no other day has, and on which the
    clock does not change. So a day has one date in all files, and the second Monday is a week after the first.

    >>> days = NumberedDays(date(2017, 2, 6), ZoneInfo("Europe/Copenhagen"))
    >>> [str(days.date_of(day, weekday)) for day, weekday in (("7", 2), ("0", 0), ("3", 2), ("7", 2))]
    ['2017-02-08', '2017-02-06', '2017-02-15', '2017-02-08']
    """

    def __init__(self, start: date, zone: ZoneInfo) -> None:
        self._start = start
        self._zone = zone
        self._dates: dict[str, date] = {}
        self._free_from: list[date] = [_next(start, weekday) for weekday in range(7)]

    def date_of(self, day: str, weekday: int) -> date:
        """Return the date of a day; `weekday` counts from Monday, 0 to 6.

        Raises:
            ValueError: where the day had another weekday before.
            OverflowError: where no date is left.
        """
        found = self._dates.get(day)
        if found is None:
            found = self._dates[day] = self._take(weekday)
        elif found.weekday() != weekday:
            raise ValueError(
                f"day {day!r} was a {WEEKDAYS[found.weekday()]} in an earlier row and is a {WEEKDAYS[weekday]} here"
            )
        return found

    def dates(self) -> Sequence[date]:
        """Return the dates given so far, ascending."""
        return sorted(self._dates.values())

    def _take(self, weekday: int) -> date:
        candidate = self._free_from[weekday]
        while clock_changes(candidate, self._zone):
            candidate += 7 * _DAY
        self._free_from[weekday] = candidate + 7 * _DAY
        return candidate


def clock_changes(day: date, zone: ZoneInfo) -> bool:
    """Whether a local day is not 24 hours long.

    >>> clock_changes(date(2017, 3, 26), ZoneInfo("Europe/Copenhagen"))
    True
    """
    return _midnight(day + _DAY, zone) - _midnight(day, zone) != DAY


def _next(start: date, weekday: int) -> date:
    return start + (weekday - start.weekday()) % 7 * _DAY


def _midnight(day: date, zone: ZoneInfo) -> Millis:
    return to_millis(datetime(day.year, day.month, day.day, tzinfo=zone))
