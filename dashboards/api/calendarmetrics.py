"""How fresh calendars from addresses are, for Prometheus."""

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from spaces.sitebook import Sites
from spaces.times import Millis


class CalendarCollector(Collector):
    """Collects how many rooms have an address for their calendar, and how long these have not answered."""

    def __init__(self, sites: Sites, clock: Callable[[], Millis]) -> None:
        self._sites = sites
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Yield the numbers of each site that has such rooms."""
        now = self._clock()
        rooms = GaugeMetricFamily(
            "ledig_calendar_addresses", "Rooms by what is known of them.", labels=["site", "bookings"]
        )
        for site in self._sites().values():
            states = [
                _state(site.bookings.are_known(room, now), site.bookings.as_of(room, now))
                for room in site.bookings.checked
            ]
            for state in STATES if states else ():
                rooms.add_metric([site.id, state], states.count(state))
        yield rooms


STATES = ("known", "old", "unknown")


def _state(known: bool, as_of: Millis | None) -> str:  # noqa: FBT001 - a pair of facts
    return "unknown" if not known else "known" if as_of is None else "old"
