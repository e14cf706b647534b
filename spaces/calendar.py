"""When a place is open: calendars turned into half-open UTC intervals, right across clock changes.

Local time is laid on the time line hour mark by hour mark: a day's hours begin and end at what the clock on
the wall shows, and last as long as they truly do. An opening that would begin in a skipped hour begins at
the jump; one that ends in a repeated hour ends at its second showing (it is open until the clock is past it).
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from spaces.holidaynames import holidays_of
from spaces.site import CalendarRule, Hours, Site, Space
from spaces.times import MINUTE, Millis, to_datetime, to_millis

ALWAYS: Hours = ((0, 1440),)
Intervals = list[tuple[Millis, Millis]]


def open_intervals(site: Site, space: Space | None, start: Millis, end: Millis) -> NDArray[np.int64]:
    """Return when a space (None: the site itself) is open within [start, end).

    Shape (n, 2) of UTC ms, half open, ascending and disjoint. A site without calendars is always open.
    """
    rules = rules_for(site, space)
    opened: Intervals = []
    hired: Intervals = []
    for day in _days_that_may_reach(site, start, end):
        opened += [_on_the_line(site, day, span) for span in hours_of(rules, day)]
        hired += [_on_the_line(site, day, span) for rule in rules for span in rule.hire.get(day, ())]
    kept = _without(_united(opened), _united(hired))
    trimmed = [(max(a, start), min(b, end)) for a, b in kept if a < end and b > start]
    return np.array(trimmed, dtype=np.int64).reshape(-1, 2)


def rules_for(site: Site, space: Space | None) -> tuple[CalendarRule, ...]:
    """Return the calendar rules that bear on a space, the most specific first."""
    scopes: list[tuple[str | None, str | None]] = [(None, None)]
    if space is not None:
        scopes = [(None, space.id), (space.zone, None), (None, None)]
    return tuple(rule for scope in scopes for rule in site.calendars if (rule.zone, rule.space) == scope)


def hours_of(rules: Sequence[CalendarRule], day: date) -> Hours:
    """Return the opening hours that begin on a local day; the most specific rule that knows decides.

    Exceptions come before holidays, holidays before the weekly hours.
    """
    if not rules:
        return ALWAYS
    for rule in rules:
        if day in rule.exceptions:
            return rule.exceptions[day]
    if _is_holiday(rules, day):
        return ()
    return next((rule.weekly[day.weekday()] for rule in rules if day.weekday() in rule.weekly), ())


def local_days(site: Site, start: Millis, end: Millis) -> list[date]:
    """Return the local days that [start, end) touches."""
    if end <= start:
        return []
    first = to_datetime(start).astimezone(site.tz).date()
    last = to_datetime(end - 1).astimezone(site.tz).date()
    return [first + timedelta(days=index) for index in range((last - first).days + 1)]


def _is_holiday(rules: Sequence[CalendarRule], day: date) -> bool:
    region = next((rule.holidays for rule in rules if rule.holidays is not None), "")
    return bool(region) and day in holidays_of(region, day.year)


def _days_that_may_reach(site: Site, start: Millis, end: Millis) -> Iterator[date]:
    """Yield the days whose hours can touch the window: an opening may run into the next day."""
    days = local_days(site, start, end)
    if days:
        yield days[0] - timedelta(days=1)
    yield from days


def _on_the_line(site: Site, day: date, span: tuple[int, int]) -> tuple[Millis, Millis]:
    opening, closing = span
    return _mark(site, day, opening, fold=0), _mark(site, day, closing, fold=1)


def _mark(site: Site, day: date, minutes: int, *, fold: int) -> Millis:
    """Return the moment at which the wall clock shows so many minutes after midnight of `day`."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001 - the zone comes next
    moment = local.replace(tzinfo=site.tz, fold=fold)
    skipped = to_datetime(to_millis(moment)).astimezone(site.tz).replace(tzinfo=None) != local
    return _jump(site, local) if skipped else to_millis(moment)


def _jump(site: Site, local: datetime) -> Millis:
    """Return the moment of the clock change that skipped a local time."""
    before = to_millis(local.replace(tzinfo=site.tz, fold=1))
    after = to_millis(local.replace(tzinfo=site.tz, fold=0))
    offset = to_datetime(before).astimezone(site.tz).utcoffset()
    while after - before > MINUTE:
        middle = (before + after) // 2 // MINUTE * MINUTE
        if to_datetime(middle).astimezone(site.tz).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _united(spans: Intervals) -> Intervals:
    joined: Intervals = []
    for a, b in sorted(span for span in spans if span[0] < span[1]):
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(b, joined[-1][1]))
        else:
            joined.append((a, b))
    return joined


def _without(kept: Intervals, taken: Intervals) -> Intervals:
    for low, high in taken:
        kept = [piece for a, b in kept for piece in ((a, min(b, low)), (max(a, high), b)) if piece[0] < piece[1]]
    return kept
