"""The time that real houses go by."""

import time

from spaces.times import SECOND, Millis


def wall_clock() -> Millis:
    """Return the time on the wall, in UTC ms."""
    return int(time.time() * SECOND)
