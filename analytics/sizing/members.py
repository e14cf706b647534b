"""Members of a pool by day, as the site file has them."""

import numpy as np
from numpy.typing import NDArray

from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Pool
from spaces.site import Site


def members_on(site: Site, pool: Pool, days: OpenDays) -> NDArray[np.int64]:
    """Return the members of a pool on each open day; the first number known holds before its date.

    All 0 where the site file names none.
    """
    known = sorted(site.members, key=lambda entry: entry.since)
    if not known:
        return np.zeros(len(days), dtype=np.int64)
    since = np.array([entry.since for entry in known], dtype=np.int64)
    held = np.maximum(np.searchsorted(since, days.opens, side="right") - 1, 0)
    return np.array([getattr(entry, pool) for entry in known], dtype=np.int64)[held]
