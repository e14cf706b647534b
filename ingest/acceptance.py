"""Which observations are accepted, and as which readings: the rules of docs/design.md, section 5, without I/O."""

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from ingest.formats import Address, Ignored, Observation, Observations, Outcome, Status
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Incoming, Verdict
from spaces.fields import ID_RULE, is_id
from spaces.mistakes import did_you_mean
from spaces.native import MOST_PEOPLE, MOST_SEQ
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import MINUTE, Millis, rfc3339

AHEAD: Millis = 5 * MINUTE
"""How far after its receipt a reading's time may be."""
MOST_UNMAPPED = 1_000
"""Sensors of a site that no space claims, and that are kept all the same."""


class _Moment(NamedTuple):
    """What messages are judged by that were received at one moment: looked up once for thousands of them."""

    sites: Mapping[str, Site]
    mapped: Mapping[str, Container[str]]
    """Of each site the sensors that spaces claim, or have claimed."""
    received: Millis
    latest: Millis


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

    def judge(
        self, heard: Iterable[tuple[Incoming, Outcome]], sites: Mapping[str, Site], received: Millis
    ) -> list[Verdict]:
        """Judge what messages say that were received at one moment; return a verdict a message, in their order."""
        mapped = {name: site.sensors_by_id for name, site in sites.items()}
        moment = _Moment(sites, mapped, received, received + AHEAD)
        return [
            self._observed(message, outcome, moment)
            if isinstance(outcome, list)
            else self._unobserved(message, outcome, moment)
            for message, outcome in heard
        ]

    def _observed(self, message: Incoming, observed: Observations, moment: _Moment) -> Verdict:
        readings: tuple[Reading, ...] = ()
        refusals: tuple[Refusal, ...] = ()
        for one in observed:
            try:
                judged = one if isinstance(one, Refusal) else self._read(one, moment)
            except Exception as error:  # noqa: BLE001 - one observation never stops the next
                judged = Refusal(Reason.UNEXPECTED, repr(error)[:200])
            if isinstance(judged, Refusal):
                refusals = (*refusals, judged)
            else:  # most messages hold one: this costs less than lists that are tuples in the end
                readings = (*readings, judged)
        return Verdict(message, readings, refusals)

    def _unobserved(self, message: Incoming, said: object, moment: _Moment) -> Verdict:
        """Judge what brings no observations; a format that says what none may say is at fault, and that is told."""
        if isinstance(said, Refusal):
            return Verdict(message, (), (said,))
        if not isinstance(said, Status | Ignored):
            return Verdict(message, (), (Refusal(Reason.UNEXPECTED, f"its format said {said!r}"[:200]),))
        refusal = self._refused_place(said.address, moment) if isinstance(said, Status) else None
        return Verdict(message, unchanging=said) if refusal is None else Verdict(message, (), (refusal,))

    def _read(self, one: Observation, moment: _Moment) -> Reading | Refusal:
        sites, mapped, received, latest = moment
        address, time = one.address, one.time
        name, sensor = address
        if sensor not in mapped.get(name, ()):
            refusal = self._refused_place(address, moment)
            if refusal is not None:
                return refusal
        people, battery, seq = one.people, one.battery, one.seq
        if people is not None or battery is not None or seq is not None:
            refusal = _refused_values(one)
            if refusal is not None:
                return refusal
        newest = self._newest.get(address)
        stamped = time is None
        if time is None:
            time = received if newest is None else max(received, newest + 1)
        elif time > latest or time < sites[name].since:
            return _refused_time(time, sites[name], received)
        if newest is None or time > newest:
            self._newest[address] = time
        return Reading(name, sensor, time, received, one.occupied, people, battery, seq, stamped)

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


def _refused_values(one: Observation) -> Refusal | None:
    """Return why what is said cannot be, None where it can: a store might never take it, or a figure believe it."""
    people, battery, seq = one.people, one.battery, one.seq
    if people is not None and not (type(people) is int and 0 <= people <= MOST_PEOPLE):
        return Refusal(Reason.WRONG_TYPE, f"people: {_spelt(people)} is no whole number from 0 to {MOST_PEOPLE}")
    if battery is not None and not 0 <= battery <= 100:  # which no NaN is
        return Refusal(Reason.WRONG_TYPE, f"battery: {battery} is no percentage from 0 to 100")
    if seq is not None and not (type(seq) is int and 0 <= seq <= MOST_SEQ):
        return Refusal(Reason.WRONG_TYPE, f"seq: {_spelt(seq)} is no whole number from 0 to {MOST_SEQ}")
    if people is not None and one.occupied is not (people > 0):
        return Refusal(Reason.CONTRADICTION, f"occupied is {str(one.occupied).lower()} with {people} people")
    return None


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
