"""Topics to what they speak of. Sensors say the same few topics again and again, so they are kept."""

from typing import Literal, NamedTuple

from ingest.refusals import Reason, Refusal
from spaces.fields import ID_RULE, is_id

MOST_KEPT = 100_000
"""Topics kept; more than this are strangers' inventions, and are parsed each time."""


class Route(NamedTuple):
    """What a topic speaks of."""

    site: str
    sensor: str
    kind: Literal["state", "status"]


class Routes:
    """Parses topics below a prefix.

    >>> Routes("ledig/v1").of("ledig/v1/betahaus/d-201/state")
    Route(site='betahaus', sensor='d-201', kind='state')
    >>> Routes("ledig/v1").of("ledig/v1/betahaus/d-201").reason
    <Reason.TOPIC: 'topic'>
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._known: dict[str, Route | Refusal] = {}

    def of(self, topic: str) -> Route | Refusal:
        """Return the route of a topic, or why it has none."""
        found = self._known.get(topic)
        if found is None:
            found = self._parse(topic)
            if len(self._known) < MOST_KEPT:
                self._known[topic] = found
        return found

    def _parse(self, topic: str) -> Route | Refusal:
        expected = f"expected {self._prefix}/SITE/SENSOR/state or .../status"
        if not topic.startswith(f"{self._prefix}/"):
            return Refusal(Reason.TOPIC, expected)
        levels = topic[len(self._prefix) + 1 :].split("/")
        if len(levels) != 3 or levels[2] not in {"state", "status"}:
            return Refusal(Reason.TOPIC, expected)
        site, sensor, kind = levels
        for name in (site, sensor):
            if not is_id(name):
                return Refusal(Reason.TOPIC, f"{name[:80]!r} is no id; ids are {ID_RULE}")
        return Route(site, sensor, "state" if kind == "state" else "status")
