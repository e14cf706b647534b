"""Who is there: the last state of each device, so that a device that is gone makes it unknown, and not vacant.

For sources that speak at changes alone, and tell by topics of their own whether a device lives.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec
from rpds import HashTrieMap

from ingest.formats import Device, Observation, Outcome

MOST_DEVICES = 10_000
"""Of more devices than these nothing is remembered: somebody invents them."""
_MOST_SLOTS = 100


class Last(msgspec.Struct, frozen=True, gc=False):
    """What a device has said last, by its slots; None: not known. `key` tells a message that comes again."""

    device: Device
    states: tuple[tuple[str | None, bool | None], ...] = ()
    key: str = ""


Roster: TypeAlias = "HashTrieMap[str, Last]"
"""Devices by their names; it never changes, each message makes another."""
NOBODY: Roster = HashTrieMap()
Within: TypeAlias = Callable[[str], bool]
"""Whether a device is meant, by its name."""


def note(roster: Roster, outcome: Outcome, *, key: str = "") -> Roster:
    """Return the roster after a message has said something."""
    if not isinstance(outcome, list):
        return roster
    for one in outcome:
        if isinstance(one, Observation) and isinstance(one.address, Device):
            roster = _noted(roster, one.address, one.occupied, key)
    return roster


def _noted(roster: Roster, device: Device, occupied: bool | None, key: str) -> Roster:  # noqa: FBT001 - a state
    last = roster.get(device.name)
    if last is not None and last.states == ((device.slot, occupied),) and last.key == key:
        return roster  # a heartbeat, as most are
    if last is None:
        if len(roster) >= MOST_DEVICES:
            return roster
        last = Last(device._replace(slot=None))
    others = tuple(pair for pair in last.states if pair[0] != device.slot)[: _MOST_SLOTS - 1]
    return roster.insert(device.name, Last(last.device, (*others, (device.slot, occupied)), key))


def go(roster: Roster, within: Within) -> tuple[Outcome, Roster]:
    """Return that nothing is known any more of devices that are gone, and the roster after it."""
    said: list[Observation] = []
    for last in _meant(roster, within):
        known = [slot for slot, occupied in last.states if occupied is not None]
        said += [Observation(last.device._replace(slot=slot)) for slot in known]
        states = tuple((slot, None) for slot, _ in last.states)
        roster = roster.insert(last.device.name, Last(last.device, states, last.key))
    return list(said), roster


def come(roster: Roster, within: Within) -> Outcome:
    """Return what devices that are there go on saying: that nobody is. "Occupied" is never said again for them."""
    return [
        Observation(last.device._replace(slot=slot), occupied=False)
        for last in _meant(roster, within)
        for slot, occupied in last.states
        if occupied is False
    ]


def _meant(roster: Roster, within: Within) -> Iterator[Last]:
    yield from [last for name, last in roster.items() if within(name)]
