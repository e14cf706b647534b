"""Which sensor of which site a device is, that its source names as it likes: told by site files, else by a rule."""

from collections.abc import Callable, Iterable, Mapping

from ingest.formats import Address, Device
from ingest.refusals import Reason, Refusal
from spaces.ids import id_from
from spaces.models import Model
from spaces.site import Sensor, Site

Resolve = Callable[[Address | Device], Address | Refusal]
"""Returns who an address is, as readings name sensors."""


class Directory:
    """The devices of one source by the names that it gives them; it is as old as the sites that it is made of.

    A device that no site file places is kept in the source's own site, under an id made of its name.

    >>> directory = Directory({}, "chirpstack", home="office")
    >>> directory.resolve(Device("Desk 3/radar", "2"))
    Address(site='office', sensor='Desk-3-radar:2')
    """

    def __init__(self, sites: Mapping[str, Site], source: str, *, home: str | None = None) -> None:
        """`home` is the site of devices that none places; without it, the only site there is."""
        self.sites = sites
        self._source = source
        self._home = home or (next(iter(sites)) if len(sites) == 1 else None)
        self._placed: dict[str, Address] = {}
        self._models: dict[str, Model] = {}
        for site in sites.values():
            self._enter(site, _ours(site.sensors, source))

    def model(self, device: str) -> Model | None:
        """Return the model that a site file gives a device, None where it gives none."""
        return self._models.get(device.casefold())

    def resolve(self, address: Address | Device) -> Address | Refusal:
        """Return the sensor that a device is, or why it can be none. Addresses of our own stay as they are."""
        if isinstance(address, Address):
            return address
        placed = self.placed(address)
        if placed is not None:
            return placed
        if self._home is None:
            what = f"no site file has a sensor with the address {address.address[:80]!r}"
            return Refusal(Reason.UNKNOWN_SITE, f"{what}; place it, or give the source {self._source} a site")
        return Address(self._home, id_from(address.address))

    def placed(self, device: Device) -> Address | None:
        """Return the sensor that a site file says a device is, None where none does."""
        for name in (device.name, device.alias):
            if name is not None and (placed := self._find(name.casefold(), device.slot)) is not None:
                return placed
        return None

    def _find(self, name: str, slot: str | None) -> Address | None:
        if slot is None:
            return self._placed.get(name)
        placed, whole = self._placed.get(f"{name}:{slot.casefold()}"), self._placed.get(name)
        if placed is not None or whole is None:
            return placed
        return Address(whole.site, id_from(f"{whole.sensor}:{slot}"))

    def _enter(self, site: Site, sensors: Iterable[Sensor]) -> None:
        for sensor in sensors:
            assert sensor.address is not None
            name = sensor.address.casefold()
            self._placed[name] = Address(site.id, sensor.id)
            model = site.models.get(sensor.format)
            if model is not None:
                self._models[name] = model
                self._models.setdefault(name.rpartition(":")[0] or name, model)  # its device, where a slot is placed


def _ours(sensors: Iterable[Sensor], source: str) -> Iterable[Sensor]:
    """Return the entries that name a source's device; those of today last, as they count."""
    named = [one for one in sensors if one.address is not None and one.source in {None, source}]
    return sorted(named, key=lambda one: one.since)
