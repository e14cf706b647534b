"""Open days of groups of spaces over a window, worked out once while the site's file stays as it is."""

from collections.abc import Sequence

from analytics.sizing.days import OpenDays, open_days
from dashboards.cache import Cache
from spaces.site import Site, Space
from spaces.times import Millis

_MOST = 64
"""So many are kept: a year's take some 15 kB."""

Key = tuple[str, tuple[str, ...], Millis, Millis]


class OpenDaysKept:
    """What `open_days` has found, the longest unasked forgotten first. Thread-safe."""

    def __init__(self) -> None:
        self._kept: Cache[Key, OpenDays] = Cache(_MOST)

    def of(self, site: Site, spaces: Sequence[Space], start: Millis, end: Millis) -> OpenDays:
        """Return the open days that lie wholly in [start, end) (`analytics.sizing.days.open_days`)."""
        key = site.id, tuple(space.id for space in spaces), start, end
        return self._kept.get(key, site, lambda: open_days(site, spaces, start, end))
