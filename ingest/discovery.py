"""What a source's sensors are, by listening: who speaks, as what, when and how, and which space it may be of.

It keeps nothing but of devices about presence. Names are matched without case, blanks and signs: "Desk 12" is desk-12.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingest.directory import Directory
from ingest.formats import Device, Format, Ignored, Observation, Status
from ingest.refusals import Refusal
from spaces.ids import id_from
from spaces.models import Model
from spaces.models.shelf import our_models
from spaces.sensorlist import Row
from spaces.site import Site, Space
from spaces.times import Millis

MOST_HEARD = 10_000
"""Devices that are listed; somebody who invents more is not listened to."""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(slots=True)
class Found:
    """A device that was heard: what its source calls it, and what it would mean now."""

    device: Device
    state: bool | None = None
    people: int | None = None
    battery: float | None = None
    said: int = 0
    last: Millis | None = None
    longest: Millis = 0
    qos: int = 0

    @property
    def model(self) -> Model | None:
        """What it is, as far as is known."""
        return self.device.model

    @property
    def certainty(self) -> str:
        """How its model is known: told by its source, recognised by us, or guessed by its family."""
        if self.device.alias is not None:
            return "told"
        return "recognised" if self.model is not None and (self.model.codec or self.model.called) else "guessed"


@dataclass(slots=True)
class Discovery:
    """Listens to one source. What messages say is judged by nobody: nothing is stored."""

    form: Format[Any]
    directory: Directory
    source: str
    found: dict[str, Found] = field(default_factory=dict)
    messages: int = 0
    ignored: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    _state: Any = None
    _others: set[int] = field(default_factory=set)

    def hear(self, topic: str, payload: bytes, *, qos: int, retained: bool, received: Millis) -> None:
        """Take a message in."""
        if self._state is None:
            self._state = self.form.initial()
        self.messages += 1
        outcome, self._state = self.form.hear(
            topic, payload, retained=retained, state=self._state, known=self.directory.model
        )
        if isinstance(outcome, Ignored):
            self.ignored += 1
            if len(self._others) < MOST_HEARD:
                self._others.add(hash(topic))
        elif isinstance(outcome, Refusal):
            self.refused[outcome.reason.value] += 1
        elif isinstance(outcome, Status):
            self._note(outcome.address, received, qos)
        else:
            for one in outcome:
                self._observe(one, received, qos)

    @property
    def others(self) -> int:
        """How many topics were about other things."""
        return len(self._others)

    def at_qos0(self) -> bool:
        """Whether anybody spoke whose words are lost while nobody listens."""
        return any(one.said and one.qos == 0 for one in self.found.values())

    def _observe(self, one: Observation | Refusal, received: Millis, qos: int) -> None:
        if isinstance(one, Refusal):
            self.refused[one.reason.value] += 1
            return
        found = self._note(one.address, received, qos)
        if found is not None:
            found.state, found.people = one.occupied, one.people
            found.battery = found.battery if one.battery is None else one.battery
            found.said += 1

    def _note(self, device: object, received: Millis, qos: int) -> Found | None:
        if not isinstance(device, Device) or (device.address not in self.found and len(self.found) >= MOST_HEARD):
            return None
        found = self.found.setdefault(device.address, Found(device))
        found.device = device._replace(model=device.model or found.model, label=device.label or found.device.label)
        if found.last is not None:
            found.longest = max(found.longest, received - found.last)
        found.last, found.qos = received, qos
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device is, or may be: the space, and whether a site file says so already."""

    site: str
    space: Space
    known: bool


def places(discovery: Discovery) -> Mapping[str, Place]:
    """Return the place of each device that has one, by its address: as site files say, else by equal names."""
    sites = discovery.directory.sites
    free = {plain: (site.id, space) for site in sites.values() for plain, space in _free(site)}
    found: dict[str, Place] = {}
    taken: set[str] = set()
    for address, one in discovery.found.items():
        known = _known(discovery.directory, one.device)
        if known is not None:
            found[address] = known
            continue
        for name in (one.device.label, one.device.name, one.device.slot):
            plain = _plain(name or "")
            if plain in free and plain not in taken:
                taken.add(plain)
                found[address] = Place(*free[plain], known=False)
                break
    return found


def rows(discovery: Discovery, proposed: Mapping[str, Place], addresses: Iterable[str]) -> Iterator[tuple[str, Row]]:
    """Yield the site and the row of `sensors.csv` of each device that has a place and is not there yet."""
    for address in addresses:
        place, one = proposed.get(address), discovery.found[address]
        if place is not None and not place.known:
            yield place.site, row_of(one.device, place.space, discovery.source)


def unplaced(discovery: Discovery, proposed: Mapping[str, Place]) -> Iterator[Row]:
    """Yield the rows of devices that have no place, but for that."""
    for address, one in sorted(discovery.found.items()):
        if address not in proposed:
            yield {**row_of(one.device, None, discovery.source), "space": "?"}


def row_of(device: Device, space: Space | None, source: str) -> Row:
    """Return the row that places a device on a space."""
    return {
        "id": id_from(device.label or device.address),
        "space": space.id if space is not None else "",
        "address": device.alias if device.alias and device.slot is None else device.address,
        "source": source,
        "format": device.model.id if device.model is not None and device.model.id in our_models() else "",
    }


def _known(directory: Directory, device: Device) -> Place | None:
    address = directory.placed(device)
    if address is None:
        return None
    site = directory.sites[address.site]
    entries = site.sensors_by_id.get(address.sensor, ())
    return Place(site.id, site.space_by_id[entries[-1].space], known=True) if entries else None


def _free(site: Site) -> Iterator[tuple[str, Space]]:
    """Yield the names of spaces that no sensor reports on."""
    measured = {sensor.space for sensor in site.sensors}
    for space in site.spaces:
        if space.id not in measured:
            yield from {(_plain(name), space) for name in (space.id, space.name)}


def _plain(name: str) -> str:
    return _SIGNS.sub("", name.casefold())
