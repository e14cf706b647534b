"""Time buckets of a site: quarter-hours, hours, days and weeks of its local clock, as UTC edges."""

from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from spaces.times import Millis

Bucket = Literal["15m", "1h", "1d", "1w"]


def edges(tz: ZoneInfo, start: Millis, end: Millis, bucket: Bucket) -> NDArray[np.int64]:
    """Return the local edges (UTC ms, ascending, n + 1 of them for n buckets) of buckets that cover [start, end).

    The window is widened to edges. Weeks begin on Monday; a repeated hour is two buckets, a skipped one none.
    """
    raise NotImplementedError


def auto_bucket(tz: ZoneInfo, start: Millis, end: Millis, max_points: int) -> Bucket:
    """Return the finest bucket that cuts [start, end) into at most so many, weeks where none does."""
    raise NotImplementedError
