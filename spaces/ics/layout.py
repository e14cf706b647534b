"""Rules laid out: the days of a stretch as numpy columns, and of these the ones that a rule names.

RFC 5545's expanding and limiting parts come to the same thing so: all days of the rule's periods, less those that one
of its parts does not name. Costs a pass over the days of the stretch, however many or few of them are due.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spaces.ics.rules import Rule
from spaces.ics.values import DAY, Wall

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
_MONDAY = 3
"""1 January 1970 was a Thursday."""
_PERIOD_DAYS = {"DAILY": 0, "WEEKLY": 6, "MONTHLY": 31, "YEARLY": 366}


class TooManyError(ValueError):
    """A rule has more occurrences than may be laid out."""


def lay_out(rule: Rule, start: Wall, last: int, most: int, since: int | None = None) -> Whole:
    """Return what clocks show when a rule is due, ascending: from `start` on, up to the day `last` (days since 1970).

    Whether `start` is among them is for the rule to say; of a COUNT as many come back. `since` leaves out days before,
    where there is no COUNT.

    Raises:
        TooManyError: there are more than `most`.
    """
    rule = _completed(rule, start)
    first = start // DAY
    low = first if since is None or rule.count is not None else max(first, since)
    days = _days(rule, low, last)
    columns = _Columns(days, rule.weekstart)
    periods = columns.periods(rule, first)
    kept = columns.named(rule) & (periods % rule.interval == 0) & (periods >= 0)
    times = np.array(rule.times(start % DAY), dtype=np.int64)
    if rule.positions:
        walls = _at_positions(rule.positions, days[kept], periods[kept], times)
    else:
        walls = _at_times(rule, days[kept & (days >= low)], times, most)
    walls = walls[(walls >= start) & (walls < (last + 1) * DAY)][: rule.count]
    if len(walls) > most:
        raise TooManyError
    return walls


def _completed(rule: Rule, start: Wall) -> Rule:
    """Return the rule with what it leaves to its start."""
    columns = _Columns(np.array([start // DAY]), rule.weekstart)
    month, day, weekday = int(columns.month[0]), int(columns.day[0]), (0, int(columns.weekday[0]))
    if rule.weekdays or rule.frequency == "DAILY":
        return rule
    if rule.frequency == "WEEKLY":
        return replace(rule, weekdays=(weekday,))
    if rule.monthdays or rule.yeardays:
        return rule
    if rule.weeks:
        return replace(rule, weekdays=(weekday,))
    if rule.frequency == "YEARLY" and not rule.months:
        return replace(rule, months=(month,), monthdays=(day,))
    return replace(rule, monthdays=(day,))


def _days(rule: Rule, first: int, last: int) -> Whole:
    """Return the days of all months that the rule may name, in whole periods: positions are counted in such."""
    period = _PERIOD_DAYS[rule.frequency]
    last += period if rule.positions else 0
    low, high = np.array([first - period, max(last, first)]).astype("M8[D]").astype("M8[M]").astype(np.int64)
    months = np.arange(low, high + 1)
    if rule.months:
        months = months[np.isin(months % 12 + 1, rule.months)]
    starts = _first_day(months)
    lengths = _first_day(months + 1) - starts
    days: Whole = np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    return days[days <= last]


def _first_day(months: Whole) -> Whole:
    days: Whole = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    return days


class _Columns:
    """What calendars say of n days: counted from 1, and from the end as -1."""

    def __init__(self, days: Whole, weekstart: int) -> None:
        self._days = days
        self._weekstart = weekstart
        self._months: Whole = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
        self.year = self._months // 12 + 1970
        self.month = self._months % 12 + 1
        self.weekday = (days + _MONDAY) % 7
        begin, end = _first_day(self._months), _first_day(self._months + 1)
        self.day, self.day_back = days - begin + 1, days - end
        year = self._months // 12 * 12
        begin, end = _first_day(year), _first_day(year + 12)
        self.yearday, self.yearday_back = days - begin + 1, days - end

    def periods(self, rule: Rule, first: int) -> Whole:
        """Return the number of each day's period of a rule, 0 the one of its first day."""
        if rule.frequency == "DAILY":
            return self._days - first
        start = _Columns(np.array([first]), self._weekstart)
        if rule.frequency == "WEEKLY":
            return (self._days - first + (start.weekday - self._weekstart) % 7) // 7
        return self._months - start._months if rule.frequency == "MONTHLY" else self.year - start.year

    def named(self, rule: Rule) -> Flags:
        """Return which days no part of a rule leaves out."""
        kept = np.ones(len(self._days), dtype=np.bool_)
        if rule.monthdays:
            kept &= np.isin(self.day, rule.monthdays) | np.isin(self.day_back, rule.monthdays)
        if rule.yeardays:
            kept &= np.isin(self.yearday, rule.yeardays) | np.isin(self.yearday_back, rule.yeardays)
        if rule.weeks:
            kept &= self._in_weeks(rule.weeks)
        if rule.weekdays:
            kept &= self._on_weekdays(rule)
        return kept

    def _in_weeks(self, weeks: tuple[int, ...]) -> Flags:
        """Weeks belong to the year that has their fourth day, and four days of them."""
        middle = _Columns(self._days - (self.weekday - self._weekstart) % 7 + 3, self._weekstart)
        number, back = (middle.yearday - 1) // 7 + 1, middle.yearday_back // 7
        return np.isin(number, weeks) | np.isin(back, weeks)

    def _on_weekdays(self, rule: Rule) -> Flags:
        numbered = rule.frequency in ("MONTHLY", "YEARLY") and not rule.weeks
        by_month = rule.frequency == "MONTHLY" or bool(rule.months)
        front, back = (self.day, self.day_back) if by_month else (self.yearday, self.yearday_back)
        nth, nth_back = (front - 1) // 7 + 1, back // 7
        kept = np.zeros(len(self._days), dtype=np.bool_)
        for number, weekday in rule.weekdays:
            on = self.weekday == weekday
            kept |= on & ((nth == number) | (nth_back == number)) if number and numbered else on
        return kept


def _at_times(rule: Rule, days: Whole, times: Whole, most: int) -> Whole:
    if rule.count is not None:
        days = days[: rule.count + 1]
    elif (len(days) - 2) * len(times) > most:
        raise TooManyError
    return (days[:, None] * DAY + times).ravel()


def _at_positions(positions: tuple[int, ...], days: Whole, periods: Whole, times: Whole) -> Whole:
    """Of each period's occurrences take those at some positions: the third, the last (-1)."""
    _, starts, lengths = np.unique(periods, return_index=True, return_counts=True)
    sizes = lengths * len(times)
    taken = []
    for position in positions:
        if abs(position) <= sizes.max(initial=0):
            index = position - 1 if position > 0 else sizes + position
            fits = (index >= 0) & (index < sizes)
            taken.append((starts * len(times) + index)[fits])
    index = np.unique(np.concatenate(taken)) if taken else np.empty(0, dtype=np.int64)
    walls: Whole = days[index // len(times)] * DAY + times[index % len(times)]
    return walls
