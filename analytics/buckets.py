"""Time buckets of a site: quarter-hours, hours, days and weeks of its local clock, as UTC edges."""

from datetime import date, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from spaces.times import DAY, HOUR, MINUTE, Millis, to_datetime, to_millis

Bucket = Literal["15m", "1h", "1d", "1w"]
_MARGIN = 2 * DAY
_THURSDAY = 3 * 24
"""The weekday of 1970-01-01, in hours."""
_WITHIN_A_DAY: dict[Bucket, Millis] = {"15m": 15 * MINUTE, "1h": HOUR}


def edges(tz: ZoneInfo, start: Millis, end: Millis, bucket: Bucket) -> NDArray[np.int64]:
    """Return the local edges (UTC ms, ascending, n + 1 of them for n buckets) of buckets that cover [start, end).

    The window is widened to edges. Weeks begin on Monday; a repeated hour is two buckets, a skipped one none.
    A clock change is always an edge of the buckets within a day: each of them shows one local hour.
    """
    step = _WITHIN_A_DAY.get(bucket)
    marks = _midnights(tz, start, end, weekly=bucket == "1w") if step is None else _clock_marks(tz, start, end, step)
    first = np.searchsorted(marks, start, side="right") - 1
    last = np.searchsorted(marks, end, side="left")
    return marks[first : max(last, first) + 1]


def auto_bucket(tz: ZoneInfo, start: Millis, end: Millis, max_points: int) -> Bucket:
    """Return the finest bucket that cuts [start, end) into at most so many, weeks where none does."""
    buckets: tuple[Bucket, ...] = get_args(Bucket)
    return next((bucket for bucket in buckets if len(edges(tz, start, end, bucket)) - 1 <= max_points), "1w")


def local_hours(tz: ZoneInfo, moments: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return weekday * 24 + hour (0 = Monday's first) that the local clock shows at each moment."""
    if not len(moments):
        return np.zeros(0, dtype=np.intp)
    begins = _offset_changes(tz, int(moments.min()), int(moments.max()) + 1)
    offsets = np.array([_offset(tz, begin) for begin in begins], dtype=np.int64)
    local = moments + offsets[np.searchsorted(begins, moments, side="right") - 1]
    shown: NDArray[np.intp] = (local // HOUR + _THURSDAY) % (7 * 24)
    return shown


def _midnights(tz: ZoneInfo, start: Millis, end: Millis, *, weekly: bool) -> NDArray[np.int64]:
    first = _local_date(tz, start) - timedelta(days=1)
    days = (_local_date(tz, end) - first).days + 2
    step = 7 if weekly else 1
    first -= timedelta(days=first.weekday() if weekly else 0)
    marks = [_midnight(tz, first + timedelta(days=count)) for count in range(0, days + 2 * step, step)]
    return np.unique(np.array(marks, dtype=np.int64))


def _midnight(tz: ZoneInfo, day: date) -> Millis:
    return to_millis(datetime(day.year, day.month, day.day, tzinfo=tz))


def _local_date(tz: ZoneInfo, moment: Millis) -> date:
    return to_datetime(moment).astimezone(tz).date()


def _clock_marks(tz: ZoneInfo, start: Millis, end: Millis, step: Millis) -> NDArray[np.int64]:
    """Return where the local clock shows a multiple of the step, and where it is changed."""
    begins = _offset_changes(tz, start - _MARGIN, end + _MARGIN)
    ends = [*begins[1:], end + _MARGIN]
    parts = [np.array(begins[1:], dtype=np.int64)]
    for begin, stop in zip(begins, ends, strict=True):
        offset = _offset(tz, begin)
        first = -(-(begin + offset) // step) * step - offset
        parts.append(np.arange(first, stop, step, dtype=np.int64))
    return np.unique(np.concatenate(parts))


def _offset_changes(tz: ZoneInfo, start: Millis, end: Millis) -> list[Millis]:
    """Return `start` and every moment in (start, end) at which the offset from UTC changes."""
    found = [start]
    for low in range(start, end, DAY):
        high = min(low + DAY, end)
        if _offset(tz, low) != _offset(tz, high):
            found.append(_change_between(tz, low, high))
    return [moment for moment in found if moment < end]


def _change_between(tz: ZoneInfo, low: Millis, high: Millis) -> Millis:
    before = _offset(tz, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(tz, middle) == before else (low, middle)
    return high


def _offset(tz: ZoneInfo, moment: Millis) -> Millis:
    offset = to_datetime(moment).astimezone(tz).utcoffset()
    assert offset is not None
    return offset // timedelta(milliseconds=1)
