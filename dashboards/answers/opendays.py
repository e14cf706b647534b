"""Open days of groups of spaces over a window, worked out once while the site's file stays as it is."""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from analytics.sizing.days import OpenDays, open_days
from dashboards.answers.recent import keep
from spaces.site import Site, Space
from spaces.times import Millis

_MOST = 64
"""So many are kept: a year's take some 15 kB."""


class _Kept(NamedTuple):
    site: Site
    days: OpenDays


class OpenDaysKept:
    """What `open_days` has found, the longest unasked forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()

    def of(self, site: Site, spaces: Sequence[Space], start: Millis, end: Millis) -> OpenDays:
        """Return the open days that lie wholly in [start, end) (`analytics.sizing.days.open_days`)."""
        key = site.id, tuple(space.id for space in spaces), start, end
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and (kept.site is site or kept.site == site):
                self._kept.move_to_end(key)
                return kept.days
        days = open_days(site, spaces, start, end)
        with self._lock:
            keep(self._kept, key, _Kept(site, days), _MOST)
        return days
