"""Home Assistant's statestream: `BASE/binary_sensor/OBJECT/state` with a word, attributes on topics beside it.

It is the road for Matter, Thread, Z-Wave, ZHA and clouds. Everything that Home Assistant's configuration includes goes
out, retained: persons and locks too where it includes all. Entities that are no presence are ignored.
"""

import msgspec
from rpds import HashTrieMap

from ingest.formats import Device, Filter, Heard, Ignored, Known, Outcome
from ingest.formats.jsontext import MOST_PAYLOAD, read_word
from ingest.formats.roster import MOST_DEVICES, NOBODY, Roster, go, note
from ingest.meaning import observe
from spaces.models import Model
from spaces.models.shelf import our_models

SOURCE = "statestream"
STATUS = "homeassistant/status"
"""Where Home Assistant says that it is there, and the broker that it is not."""
CLASSES = frozenset(("occupancy", "presence", "motion"))


class States(msgspec.Struct, frozen=True, gc=False):
    """What is remembered: the device class of each entity that told one, and each entity's last state."""

    classes: "HashTrieMap[str, str]" = HashTrieMap()
    roster: Roster = NOBODY


class StateStream:
    """Reads what Home Assistant's statestream publishes.

    >>> form = StateStream()
    >>> said, _ = form.hear("statestream/binary_sensor/desk_12/state", b"on", retained=True, state=form.initial(),
    ...                     known=lambda _: None)
    >>> said[0].address.name, said[0].occupied
    ('binary_sensor.desk_12', True)
    """

    def __init__(self, base: str = SOURCE) -> None:
        self._base = base

    @property
    def filters(self) -> tuple[Filter, ...]:
        """States, classes, and whether Home Assistant is there."""
        names = ("state", "device_class")
        return (
            *(Filter(f"{self._base}/binary_sensor/+/{name}", shared=False) for name in names),
            Filter(f"{self._base}/sensor/+/state", shared=False),
            Filter(STATUS, shared=False),
        )

    def limit(self, topic: str) -> int:  # noqa: ARG002 - all are words
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> States:
        """Return the state before anything was heard."""
        return States()

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: States,
        known: Known,
    ) -> Heard[States]:
        """Return what a message says, and the state after it."""
        word = read_word(payload)
        if topic == STATUS:
            return _hear_status(word, state)
        levels = topic[len(self._base) + 1 :].split("/")
        if not payload or word is None or len(levels) != 3:
            return Ignored(SOURCE), state
        domain, entity, what = levels
        name = f"{domain}.{entity}"
        if what == "device_class":
            return Ignored(SOURCE), _classed(state, name, word)
        model = known(name) or _usual(domain, state.classes.get(name)) if what == "state" else None
        if model is None:
            return Ignored(SOURCE), state
        outcome: Outcome = observe(model, {"state": word}, Device(name, label=entity)) or Ignored(SOURCE)
        return outcome, States(state.classes, note(state.roster, outcome))


def _usual(domain: str, device_class: str | None) -> Model | None:
    """Return what an entity is that no site file names: a binary sensor of presence, or of no class that was told."""
    is_presence = domain == "binary_sensor" and (device_class is None or device_class in CLASSES)
    return our_models()[SOURCE] if is_presence else None


def _classed(state: States, name: str, word: str) -> States:
    if len(state.classes) >= MOST_DEVICES and name not in state.classes:
        return state
    return States(state.classes.insert(name, word), state.roster)


def _hear_status(word: str | None, state: States) -> Heard[States]:
    if word != "offline":
        return Ignored(SOURCE), state
    outcome, roster = go(state.roster, lambda _: True)
    return outcome or Ignored(SOURCE), States(state.classes, roster)
