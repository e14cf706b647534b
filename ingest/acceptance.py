"""What is accepted, and as which reading: the rules of docs/design.md, section 5, without I/O."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from ingest.refusals import Reason, Refusal
from ingest.routes import Route, Routes
from spaces.mistakes import did_you_mean
from spaces.native import StateMessage, decode_state
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import MINUTE, SECONDS_BELOW, Millis, rfc3339

AHEAD: Millis = 5 * MINUTE
"""How far after its receipt a reading's time may be."""
MOST_UNMAPPED = 1_000
"""Sensors of a site that no space claims, and that are kept all the same."""

Incoming = tuple[int, int, str, bytes, bool]
"""A message as it came: mid, QoS, topic, payload, retained. A queue of paho's own messages is three times slower."""
Refused = tuple[Incoming, Refusal]


class Judged(NamedTuple):
    """What became of messages: `len(readings) + len(refused) + status` is their number.

    `accepted` are the messages that became readings, at the same places.
    """

    readings: list[Reading]
    accepted: list[Incoming]
    refused: list[Refused]
    status: int


class Acceptance:
    """Judges messages. It remembers each sensor's newest time and which unmapped sensors it has met."""

    def __init__(self, prefix: str, *, most_payload: int = 65_536, known: Iterable[Reading] = ()) -> None:
        """`known` are the newest readings of sensors already in the store."""
        self._routes = Routes(prefix)
        self._most_payload = most_payload
        self._newest: dict[tuple[str, str], Millis] = {}
        self._sensors: dict[str, set[str]] = {}
        self.learn(known)

    def learn(self, known: Iterable[Reading]) -> None:
        """Take in the newest readings of sensors already in the store; may come late, and from another thread."""
        for reading in known:
            owner = (reading.site, reading.sensor)
            self._newest[owner] = max(reading.time, self._newest.get(owner, reading.time))
            self._sensors.setdefault(reading.site, set()).add(reading.sensor)

    def judge(self, messages: Sequence[Incoming], sites: Mapping[str, Site], received: Millis) -> Judged:
        """Judge messages that were received at one moment."""
        judged = Judged([], [], [], 0)
        status = 0
        for message in messages:
            try:
                verdict = self._one(message, sites, received)
            except Exception as error:  # noqa: BLE001 - one message never stops the next
                verdict = Refusal(Reason.UNEXPECTED, repr(error)[:200])
            if isinstance(verdict, Reading):
                judged.readings.append(verdict)
                judged.accepted.append(message)
            elif verdict is None:
                status += 1
            else:
                judged.refused.append((message, verdict))
        return judged._replace(status=status)

    def _one(self, message: Incoming, sites: Mapping[str, Site], received: Millis) -> Reading | Refusal | None:
        _, _, topic, payload, retained = message
        route = self._routes.of(topic)
        if isinstance(route, Refusal):
            return route
        site = sites.get(route.site)
        if site is None:
            return Refusal(
                Reason.UNKNOWN_SITE, f"no site file names {route.site!r}{did_you_mean(route.site, [*sites])}"
            )
        if route.sensor not in site.sensors_by_id and not self._may_be_met(site, route.sensor):
            return Refusal(Reason.TOO_MANY_SENSORS, f"{route.site} has {MOST_UNMAPPED} sensors that no space claims")
        verdict = (
            self._state(route, site, payload, received, retained=retained)
            if route.kind == "state"
            else self._status(route, payload, received, retained=retained)
        )
        if isinstance(verdict, Reading):
            owner = (route.site, route.sensor)
            if verdict.time > self._newest.get(owner, verdict.time - 1):
                self._newest[owner] = verdict.time
        return verdict

    def _state(
        self, route: Route, site: Site, payload: bytes, received: Millis, *, retained: bool
    ) -> Reading | Refusal:
        state = self._decoded(payload)
        if isinstance(state, Refusal):
            return state
        occupied = _occupied(state)
        if isinstance(occupied, Refusal):
            return occupied
        time = state.millis()
        stamped = time is None
        refusal = _refused_age(retained=retained) if time is None else _refused_time(state, time, site, received)
        if refusal is not None:
            return refusal
        if time is None:
            time = self._stamp(route, received)
        return Reading(
            route.site, route.sensor, time, received, occupied, state.people, state.battery, state.seq, stamped
        )

    def _decoded(self, payload: bytes) -> StateMessage | Refusal:
        if not payload:
            return Refusal(Reason.EMPTY, "an empty payload says nothing")
        if len(payload) > self._most_payload:
            return Refusal(Reason.TOO_LARGE, f"a state has at most {self._most_payload} bytes")
        try:
            return decode_state(payload)
        except msgspec.ValidationError as error:
            return Refusal(Reason.WRONG_TYPE, str(error)[:200])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            return Refusal(Reason.MALFORMED, str(error)[:200])

    def _status(self, route: Route, payload: bytes, received: Millis, *, retained: bool) -> Reading | Refusal | None:
        """`offline`, a last will, is an unknown state at receipt; `online` and whatever is retained change nothing."""
        word = payload[:16].strip().lower()
        if word not in {b"offline", b"online"}:
            return Refusal(Reason.WRONG_TYPE, "a status is online or offline")
        if retained or word == b"online":
            return None
        return Reading(route.site, route.sensor, self._stamp(route, received), received, stamped=True)

    def _stamp(self, route: Route, received: Millis) -> Millis:
        return max(received, self._newest.get((route.site, route.sensor), received - 1) + 1)

    def _may_be_met(self, site: Site, sensor: str) -> bool:
        met = self._sensors.setdefault(site.id, set())
        if sensor not in met:
            if sum(name not in site.sensors_by_id for name in met) >= MOST_UNMAPPED:
                return False
            met.add(sensor)
        return True


def _occupied(state: StateMessage) -> bool | Refusal | None:
    """Return the state that a message tells; a count tells it too."""
    said, people = state.occupied, state.people
    if people is None:
        return said if said is not msgspec.UNSET else Refusal(Reason.NO_STATE, "neither occupied nor people is given")
    if isinstance(said, bool) and said != (people > 0):
        return Refusal(Reason.CONTRADICTION, f"occupied is {str(said).lower()} with {people} people")
    return people > 0


def _refused_age(*, retained: bool) -> Refusal | None:
    if retained:
        return Refusal(Reason.RETAINED, "retained and without a time: nobody knows how old it is")
    return None


def _refused_time(state: StateMessage, time: Millis, site: Site, received: Millis) -> Refusal | None:
    if isinstance(state.time, int) and time < SECONDS_BELOW:
        return Refusal(Reason.SECONDS, f"time {time} is too small for milliseconds; are these seconds?"[:200])
    if time > received + AHEAD:
        return Refusal(Reason.TOO_LATE, f"time {_spelt(time)} is after its receipt at {rfc3339(received)}")
    if time < site.since:
        return Refusal(Reason.TOO_EARLY, f"time {_spelt(time)} is before the site's since, {rfc3339(site.since)}")
    return None


def _spelt(time: Millis) -> str:
    try:
        return rfc3339(time)
    except OverflowError:
        return str(time)[:40]
