"""From when to when a store has readings of a site, as far as they can be true."""

from ledig.clock import wall_clock
from spaces.clocks import WRONG
from spaces.site import Site
from store.protocol import Extent, Store


def extent_of(site: Site, store: Store) -> Extent | None:
    """Return the earliest and latest event time of a site, None where it has no readings.

    What lies more than a day ahead was told by a clock that was wrong, and ends nothing: neither a report nor a
    window of stays. The clock of a simulated house may be ahead of ours, and where all lies ahead ours is wrong.

    Raises:
        StoreError: the store cannot be read.
    """
    extent, until = store.extent(site.id), wall_clock() + WRONG
    if extent is None or site.simulated or not extent.first <= until < extent.last:
        return extent
    return Extent(extent.first, max(reading.time for reading in store.latest(site.id, until)))
