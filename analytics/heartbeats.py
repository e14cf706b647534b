"""How often sensors speak, and how long their silence may last before it says something.

A sensor that repeats itself has a heartbeat, and nobody knows which but by listening: its limit is three times the
longest interval of its first week, so that two that are lost in a row make no gap.
"""

from collections.abc import Iterator

import numpy as np

from spaces.learnt import Limit, Limits
from spaces.readings import Readings
from spaces.site import SILENCE
from spaces.times import DAY, HOUR, MINUTE, Millis

WEEK: Millis = 7 * DAY
TIMES = 3
LEAST, MOST = 30 * MINUTE, 26 * HOUR
"""No limit is shorter, as motion sensors are silent for so long; or longer, as a day's heartbeat is the rarest."""


def heartbeat_limits(readings: Readings, now: Millis) -> Limits:
    """Return the limit of each sensor that has spoken twice, by its readings from its first week on.

    Fixed is one of a sensor that has been heard for a week. Until then it grows by half hours, from two hours on.

    >>> from spaces.reading import Reading
    >>> from spaces.readings import readings_from
    >>> hourly = [Reading("s", "d", hour * HOUR, 0, occupied=False) for hour in range(0, 200, 1)]
    >>> heartbeat_limits(readings_from(hourly), 200 * HOUR)["d"].silence // HOUR
    3
    """
    return dict(_limits(readings, now))


def _limits(readings: Readings, now: Millis) -> Iterator[tuple[str, Limit]]:
    bounds = np.searchsorted(readings.sensor, np.arange(len(readings.sensors) + 1)).tolist()
    for index, sensor in enumerate(readings.sensors):
        times = readings.time[bounds[index] : bounds[index + 1]]
        if len(times) < 2:
            continue
        first = int(times[0])
        inside = int(np.searchsorted(times, first + WEEK, side="right"))
        longest = int(np.diff(times[: inside + 1]).max())
        yield sensor, _limit(TIMES * longest, fixed=now >= first + WEEK)


def _limit(silence: Millis, *, fixed: bool) -> Limit:
    if not fixed:
        silence = max(-(-silence // LEAST) * LEAST, SILENCE)
    return Limit(min(max(silence, LEAST), MOST), fixed)
