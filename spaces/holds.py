"""How long the words of a site's sensors hold, and by what, in a line for each kind of them."""

from collections import Counter
from collections.abc import Iterator

from spaces.models import Hold
from spaces.site import Sensor, Site
from spaces.summary import counted
from spaces.times import HOUR, MINUTE, SECOND, Millis

_BY = {
    "written": "as the site file says",
    "model": "as its model does",
    "learning": "for now: it is learnt in the first week",
    "learnt": "learnt: three times the longest interval of its first week",
}


def holds(site: Site) -> Iterator[str]:
    """Yield how long sensors are taken at their word, kind by kind, the most first.

    >>> from spaces.site import Sensor
    >>> site = Site("s", "S", "UTC", (), (), (), (Sensor("a", "d"), Sensor("b", "d")))
    >>> list(holds(site))
    ["2 sensors of ledig's own format: by heartbeat, silent for 2 h at most, as its model does"]
    """
    kinds = Counter(_kind(site, sensor) for sensor in {sensor.id: sensor for sensor in site.sensors}.values())
    for kind, number in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{counted(number, 'sensor')} of {kind}"


def _kind(site: Site, sensor: Sensor) -> str:
    model = site.models.get(sensor.format)
    name = model.name if model is not None else "a model that its source tells"
    if model is not None and model.hold is Hold.AVAILABILITY:
        how = f"by availability, seen within {spelt(sensor.silence)}"
        how += f', "occupied" for {spelt(sensor.occupied_at_most)}' if sensor.occupied_at_most else ""
    else:
        how = f"by heartbeat, silent for {spelt(sensor.silence)} at most"
    pulse = f', over after {spelt(sensor.pulse)}, as it never says "vacant"' if sensor.pulse else ""
    return f"{name}: {how}{pulse}, {_BY[sensor.origin]}"


def spelt(duration: Millis) -> str:
    """Return a duration in the largest unit that it is whole in.

    >>> spelt(2 * HOUR), spelt(90 * MINUTE), spelt(24 * HOUR), spelt(1_500)
    ('2 h', '90 min', '24 h', '1.5 s')
    """
    for unit, word in ((HOUR, "h"), (MINUTE, "min")):
        if duration % unit == 0 and duration:
            return f"{duration // unit} {word}"
    return f"{duration / SECOND:g} s"
