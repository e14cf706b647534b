"""Which observations are accepted, and as which readings: the rules of docs/design.md, section 5, without I/O."""

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from ingest.directory import Directory, Resolve
from ingest.formats import Address, Ignored, Observation, Observations, Outcome, Status
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Incoming, Verdict
from spaces.clocks import AHEAD, WRONG
from spaces.fields import ID_RULE, is_id
from spaces.mistakes import did_you_mean
from spaces.native import MOST_PEOPLE, MOST_SEQ
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, MINUTE, Millis, rfc3339

BEHIND_AT_MOST: Millis = 100 * 366 * DAY
"""No clock of ours is farther behind: one without a battery may think that it is 1970."""
MOST_UNMAPPED = 1_000
"""Sensors of a site that no space claims, and that are kept all the same."""


NEAR: Millis = 15 * MINUTE
"""Clocks of devices that nobody sets are believed when they are no farther from receipt."""


class _Moment(NamedTuple):
    """What messages are judged by that were received at one moment: looked up once for thousands of them."""

    sites: Mapping[str, Site]
    resolve: Resolve
    """Tells which sensor a device is."""
    nearest: Millis
    """Earlier times that have to be near their receipt are not."""
    mapped: Mapping[str, Container[str]]
    """Of each site the sensors that spaces claim, or have claimed."""
    received: Millis
    latest: Millis
    """Later times are refused."""
    believed: Millis
    """Times up to this are taken as they are told; later ones, where they are not refused, count as of receipt."""
    sane: Millis
    """Of what a sensor has said before, later times are those of a clock that was wrong."""


class Acceptance:
    """Judges what messages say. It remembers each sensor's newest time and which unmapped sensors it has met."""

    def __init__(self, *, known: Iterable[Reading] = ()) -> None:
        """`known` are the newest readings of sensors already in the store."""
        self._newest: dict[tuple[str, str], Millis] = {}
        self._sensors: dict[str, set[str]] = {}
        self.learn(known)

    def learn(self, known: Iterable[Reading]) -> None:
        """Take in the newest readings of sensors already in the store; may come late, and from another thread."""
        for reading in known:
            owner = (reading.site, reading.sensor)
            self._newest[owner] = max(reading.time, self._newest.get(owner, reading.time))
            self._sensors.setdefault(reading.site, set()).add(reading.sensor)

    def unknown(self, sensors: Iterable[tuple[str, str]], since: Millis, received: Millis) -> list[Reading]:
        """Return readings that nothing is known of sensors since a moment, unless they have been heard after it."""
        found = []
        for site, sensor in sensors:
            newest = self._newest.get((site, sensor))
            if newest is not None and newest <= since:
                time = max(since, newest + 1)
                self._newest[site, sensor] = time
                found.append(Reading(site, sensor, time, received, stamped=True))
        return found

    def judge(
        self,
        heard: Iterable[tuple[Incoming, Outcome]],
        directory: Directory,
        received: Millis,
        *,
        by_receipt: bool = False,
        waited: Millis = 0,
    ) -> list[Verdict]:
        """Judge what messages say that were received at one moment; return a verdict a message, in their order.

        `by_receipt` is for a clock that may be wrong itself: a time ahead of it counts as that of the receipt. Messages
        may have `waited` for so long at the broker before they were received.
        """
        sites = directory.sites
        mapped = {name: site.sensors_by_id for name, site in sites.items()}
        believed = received + AHEAD
        latest = received + BEHIND_AT_MOST if by_receipt else believed
        nearest = received - NEAR - waited
        moment = _Moment(sites, directory.resolve, nearest, mapped, received, latest, believed, received + WRONG)
        return [
            self._observed(message, outcome, moment)
            if isinstance(outcome, list)
            else self._unobserved(message, outcome, moment)
            for message, outcome in heard
        ]

    def _observed(self, message: Incoming, observed: Observations, moment: _Moment) -> Verdict:
        if len(observed) == 1:  # as of most messages: without lists that are tuples in the end
            judged, unfit = self._judged(observed[0], moment)
            if isinstance(judged, Reading):
                return Verdict(message, (judged,), unfit=unfit)
            return Verdict(message, (), (judged,))
        pairs = [self._judged(one, moment) for one in observed]
        return Verdict(
            message,
            tuple([one for one, _ in pairs if isinstance(one, Reading)]),
            tuple([one for one, _ in pairs if isinstance(one, Refusal)]),
            unfit=tuple([name for one, unfit in pairs if isinstance(one, Reading) for name in unfit]),
        )

    def _unobserved(self, message: Incoming, said: object, moment: _Moment) -> Verdict:
        """Judge what brings no observations; a format that says what none may say is at fault, and that is told."""
        if isinstance(said, Refusal):
            return Verdict(message, (), (said,))
        if not isinstance(said, Status | Ignored):
            return Verdict(message, (), (Refusal(Reason.UNEXPECTED, f"its format said {said!r}"[:200]),))
        refusal = self._refused_status(said, moment) if isinstance(said, Status) else None
        return Verdict(message, unchanging=said) if refusal is None else Verdict(message, (), (refusal,))

    def _refused_status(self, said: Status, moment: _Moment) -> Refusal | None:
        address = moment.resolve(said.address)
        return address if isinstance(address, Refusal) else self._refused_place(address, moment)

    def _judged(self, one: Observation | Refusal, moment: _Moment) -> tuple[Reading | Refusal, tuple[str, ...]]:
        """Return what becomes of an observation, and the fields of it that are left out."""
        try:
            if isinstance(one, Refusal):
                return one, ()
            if one.people is not None or one.battery is not None or one.seq is not None:
                one = _fit(one)
                if isinstance(one, Refusal):
                    return one, ()
            return self._read(one, moment), one.unfit
        except Exception as error:  # noqa: BLE001 - one observation never stops the next
            return Refusal(Reason.UNEXPECTED, repr(error)[:200]), ()

    def _read(self, one: Observation, moment: _Moment) -> Reading | Refusal:
        sites, resolve, nearest, mapped, received, latest, believed, sane = moment
        address, time = one.address, one.time
        if not isinstance(address, Address):
            found = resolve(address)
            if isinstance(found, Refusal):
                return found
            address = found
        if one.near and time is not None and not nearest <= time <= believed:
            time = None
        name, sensor = address
        if sensor not in mapped.get(name, ()):
            refusal = self._refused_place(address, moment)
            if refusal is not None:
                return refusal
        newest = self._newest.get(address)
        if newest is not None and newest > sane:
            newest = None  # told by a clock that was wrong, ours perhaps
        stamped = time is None or believed < time <= latest
        if time is None or stamped:
            time = received if newest is None else max(received, newest + 1)
        elif time > latest or time < sites[name].since:
            return _refused_time(time, sites[name], received)
        if newest is None or time > newest:
            self._newest[address] = time
        return Reading(name, sensor, time, received, one.occupied, one.people, one.battery, one.seq, stamped)

    def _refused_place(self, address: Address, moment: _Moment) -> Refusal | None:
        """Return why a sensor is none that is kept, None where it is one."""
        name, sensor = address
        site = moment.sites.get(name)
        if site is None:
            near = did_you_mean(name, [*moment.sites])
            return Refusal(Reason.UNKNOWN_SITE, f"no site file names {name!r}{near}")
        if sensor in moment.mapped[name]:
            return None
        if not is_id(sensor):
            return Refusal(Reason.TOPIC, f"{sensor[:80]!r} is no id; ids are {ID_RULE}")
        if self._may_be_met(site, sensor):
            return None
        return Refusal(Reason.TOO_MANY_SENSORS, f"{name} has {MOST_UNMAPPED} sensors that no space claims")

    def _may_be_met(self, site: Site, sensor: str) -> bool:
        met = self._sensors.setdefault(site.id, set())
        if sensor not in met:
            if sum(name not in site.sensors_by_id for name in met) >= MOST_UNMAPPED:
                return False
            met.add(sensor)
        return True


def _fit(one: Observation) -> Observation | Refusal:
    """Return an observation without values that cannot be: a store might never take them, or a figure believe them.

    It is refused where they tell its state.
    """
    people, battery, seq = one.people, one.battery, one.seq
    if people is not None and not (type(people) is int and 0 <= people <= MOST_PEOPLE):
        if one.occupied is None:
            return Refusal(Reason.WRONG_TYPE, f"people: {_spelt(people)} is no whole number from 0 to {MOST_PEOPLE}")
        one = replace(one, people=None, unfit=(*one.unfit, "people"))
    elif people is not None and one.occupied is not (people > 0):
        return Refusal(
            Reason.CONTRADICTION,
            f"occupied is {str(one.occupied).lower()} with {people} counted",
        )
    if battery is not None and not 0 <= battery <= 100:  # which no NaN is
        one = replace(one, battery=None, unfit=(*one.unfit, "battery"))
    if seq is not None and not (type(seq) is int and 0 <= seq <= MOST_SEQ):
        one = replace(one, seq=None, unfit=(*one.unfit, "seq"))
    return one


def _refused_time(time: Millis, site: Site, received: Millis) -> Refusal:
    if time > received + AHEAD:
        return Refusal(Reason.TOO_LATE, f"time {_spelt_time(time)} is after its receipt at {rfc3339(received)}")
    return Refusal(Reason.TOO_EARLY, f"time {_spelt_time(time)} is before the site's since, {rfc3339(site.since)}")


def _spelt_time(time: Millis) -> str:
    try:
        return rfc3339(time)
    except OverflowError:
        return _spelt(time)


def _spelt(number: object) -> str:
    return str(number)[:40]
