"""ledig's own format: JSON on `{prefix}/{site}/{sensor}/state`, a word on `.../status` (docs/design.md, section 5).

It remembers nothing of earlier messages.
"""

from typing import Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import UNSET

from ingest.formats import Address, Filter, Heard, Known, Observation, Outcome, Status
from ingest.refusals import Reason, Refusal
from spaces.fields import ID_RULE, is_id
from spaces.native import MOST_PEOPLE, StateMessage, decode_fit, decode_state
from spaces.times import SECONDS_BELOW

MOST_PAYLOAD = 65_536
"""Bytes of a state, unless the settings say otherwise."""
MOST_KEPT = 100_000
"""Topics kept, as sensors say the same few again and again; more are strangers' inventions, and are parsed anew."""


Kind: TypeAlias = Literal["state", "status"]


class Route(NamedTuple):
    """What a topic speaks of."""

    address: Address
    kind: Kind


class Native:
    """Reads ledig's own messages below a prefix.

    >>> heard, _ = Native("ledig/v1").hear(
    ...     "ledig/v1/betahaus/d-201/state", b'{"people":2}', retained=False, state=None, known=lambda _: None
    ... )
    >>> heard[0].address, heard[0].occupied
    (Address(site='betahaus', sensor='d-201'), True)
    """

    def __init__(self, prefix: str, *, most_payload: int = MOST_PAYLOAD) -> None:
        self._prefix = prefix
        self._most_payload = most_payload
        self._routes: dict[str, Route | Refusal] = {}

    @property
    def filters(self) -> tuple[Filter, ...]:
        """All below the prefix, as what nobody understands there is somebody's mistake."""
        return (Filter(f"{self._prefix}/#", shared_topics=f"{self._prefix}/+/+/+"),)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - every topic has states or words
        """Return how many bytes a message may have."""
        return self._most_payload

    def initial(self) -> None:
        """Return the state before the first message: there is none, then or later."""

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,
        state: None,
        known: Known,  # noqa: ARG002 - nor are its models others'
    ) -> Heard[None]:
        """Return what a message says."""
        route = self._routes.get(topic) or self._route(topic)
        if isinstance(route, Refusal):
            return route, state
        address, kind = route
        outcome = self._hear_state(address, payload) if kind == "state" else _hear_status(address, payload)
        return _retained(address, kind, outcome) if retained else outcome, state

    def _hear_state(self, address: Address, payload: bytes) -> Outcome:
        if not 0 < len(payload) <= self._most_payload:
            return self._refused_size(payload)
        decoded = _decode(payload)
        if isinstance(decoded, Refusal):
            return decoded
        said, unfit = decoded
        occupied, people = said.occupied, said.people
        if occupied is UNSET or people is not None:
            counted = _counted(said, unfit)
            if isinstance(counted, Refusal):
                return counted
            occupied = counted
            people = None if occupied is None else people
        time = said.millis(payload)
        if time is not None and time < SECONDS_BELOW and isinstance(said.time, int):
            return Refusal(Reason.SECONDS, f"time {time} is too small for milliseconds; are these seconds?"[:200])
        return [Observation(address, time, occupied, people, said.battery, said.seq, unfit)]

    def _refused_size(self, payload: bytes) -> Refusal:
        if not payload:
            return Refusal(Reason.EMPTY, "an empty payload says nothing")
        return Refusal(Reason.TOO_LARGE, f"a state has at most {self._most_payload} bytes")

    def _route(self, topic: str) -> Route | Refusal:
        """Return what a topic speaks of, or why it speaks of nothing, and keep it."""
        route = _parse(self._prefix, topic)
        if len(self._routes) < MOST_KEPT:
            self._routes[topic] = route
        return route


def _parse(prefix: str, topic: str) -> Route | Refusal:
    expected = f"expected {prefix}/SITE/SENSOR/state or .../status"
    if not topic.startswith(f"{prefix}/"):
        return Refusal(Reason.TOPIC, expected)
    levels = topic[len(prefix) + 1 :].split("/")
    if len(levels) != 3 or levels[2] not in {"state", "status"}:
        return Refusal(Reason.TOPIC, expected)
    site, sensor, kind = levels
    for name in (site, sensor):
        if not is_id(name):
            return Refusal(Reason.TOPIC, f"{name[:80]!r} is no id; ids are {ID_RULE}")
    return Route(Address(site, sensor), "state" if kind == "state" else "status")


def _decode(payload: bytes) -> tuple[StateMessage, tuple[str, ...]] | Refusal:
    """Return what a payload says, and the optional fields that cannot be: these are looked at once all is not well."""
    try:
        try:
            return decode_state(payload), ()
        except msgspec.ValidationError:
            return decode_fit(payload)
        except msgspec.DecodeError as error:
            return _decode_with_words(payload, error)
    except msgspec.ValidationError as error:
        return Refusal(Reason.WRONG_TYPE, str(error)[:200])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Refusal(Reason.MALFORMED, str(error)[:200])


def _decode_with_words(payload: bytes, error: msgspec.DecodeError) -> tuple[StateMessage, tuple[str, ...]]:
    """Return what a payload says that is JSON but for words such as NaN, in place of numbers that it can do without."""
    try:
        return decode_fit(payload)
    except msgspec.DecodeError:
        raise error from None


def _counted(said: StateMessage, unfit: tuple[str, ...]) -> bool | Refusal | None:
    """Return the state that a count tells; who does not know and counts nobody does not know."""
    occupied, people = said.occupied, said.people
    if people is None:
        if "people" in unfit:
            return Refusal(Reason.WRONG_TYPE, f"people is no whole number from 0 to {MOST_PEOPLE}, and tells the state")
        return Refusal(Reason.NO_STATE, "neither occupied nor people is given")
    if isinstance(occupied, bool) and occupied != (people > 0):
        return Refusal(
            Reason.CONTRADICTION,
            f"occupied is {str(occupied).lower()} with {people} counted",
        )
    return None if occupied is None and people == 0 else people > 0


def _hear_status(address: Address, payload: bytes) -> Outcome:
    """`offline`, a last will, is an unknown state at receipt; `online` changes nothing."""
    word = payload[:16].strip().lower()
    if word == b"offline":
        return [Observation(address)]
    return Status(address) if word == b"online" else Refusal(Reason.WRONG_TYPE, "a status is online or offline")


def _retained(address: Address, kind: Kind, outcome: Outcome) -> Outcome:
    """Nobody knows how old a retained message without a time is: a state is refused, a status changes nothing."""
    if not isinstance(outcome, list) or any(isinstance(one, Observation) and one.time is not None for one in outcome):
        return outcome
    if kind == "status":
        return Status(address)
    return Refusal(Reason.RETAINED, "retained and without a time: nobody knows how old it is")
