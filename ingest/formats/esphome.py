"""ESPHome's MQTT: `NODE/binary_sensor/OBJECT/state` with ON or OFF, retained, and a birth and a will on `NODE/status`.

A node has many sensors. Presence is what the name of an object says in whole words, or the site file; each object is
a sensor of its own, NODE:OBJECT.
"""

import re

from ingest.formats import Device, Filter, Heard, Ignored, Known, Outcome
from ingest.formats.jsontext import MOST_PAYLOAD, read_word
from ingest.formats.roster import NOBODY, Roster, come, go, note
from ingest.meaning import observe
from spaces.models import Model
from spaces.models.shelf import our_models

SOURCE = "esphome"
_PRESENCE = frozenset(("occupancy", "presence", "motion", "pir", "occupied"))
_COUNT = re.compile(
    r"(?:^|_)(?:people|person|persons)_?(?:count|counter)?$|(?:^|_)(?:count|counter)_(?:people|persons)$"
)


class EspHome:
    """Reads what ESPHome's nodes publish.

    >>> form = EspHome()
    >>> said, _ = form.hear("office-3/binary_sensor/desk_presence/state", b"ON", retained=True, state=form.initial(),
    ...                     known=lambda _: None)
    >>> said[0].address.address, said[0].occupied
    ('office-3:desk_presence', True)
    """

    def __init__(self, base: str = "") -> None:
        self._lead = f"{base}/" if base else ""

    @property
    def filters(self) -> tuple[Filter, ...]:
        """States of sensors, and whether nodes are there."""
        topics = ("+/binary_sensor/+/state", "+/sensor/+/state", "+/status")
        return tuple(Filter(f"{self._lead}{topic}", shared=False) for topic in topics)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - all are words
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> Roster:
        """Return the roster before anybody spoke."""
        return NOBODY

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: Roster,
        known: Known,
    ) -> Heard[Roster]:
        """Return what a message says, and the roster after it."""
        word = read_word(payload)
        levels = topic[len(self._lead) :].split("/")
        if not payload or word is None or len(levels) not in {2, 4}:
            return Ignored(SOURCE), state
        if len(levels) == 2:
            return _hear_status(levels[0], word, state)
        node, kind, entity, _ = levels
        device = Device(node, entity, label=f"{node} {entity}")
        model = known(device.address) or _usual(kind, entity)
        if model is None:
            return Ignored(SOURCE), state
        outcome: Outcome = observe(model, {"state": word}, device) or Ignored(SOURCE)
        return outcome, note(state, outcome)


def _usual(kind: str, entity: str) -> Model | None:
    if kind == "binary_sensor":
        return our_models()["esphome"] if _PRESENCE & set(re.split(r"[_-]", entity.lower())) else None
    return our_models()["esphome-count"] if kind == "sensor" and _COUNT.search(entity.lower()) else None


def _hear_status(node: str, word: str, state: Roster) -> Heard[Roster]:
    def is_it(name: str) -> bool:
        return name == node

    if word == "offline":
        outcome, roster = go(state, is_it)
        return outcome or Ignored(SOURCE), roster
    return (come(state, is_it) if word == "online" else None) or Ignored(SOURCE), state
