"""Whatever describes itself to Home Assistant: retained configurations say where states come, and in which words.

Its entities are binary sensors of occupancy, presence or motion. Their states may come on any topic, so whoever names
the source says below which (`base`, such as `home`). Of templates only a way to a field is understood, such as
`{{ value_json.presence }}`; an entity with another one is not read.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from rpds import HashTrieMap

from ingest.formats import Device, Filter, Heard, Ignored, Known, Observation, Outcome
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json, read_word
from ingest.formats.roster import MOST_DEVICES, NOBODY, Roster, go, note
from ingest.meaning import fields_of, observe
from ingest.refusals import Refusal
from spaces.models import Hold, Model, Part, Pointer, Speaks, StateRule
from spaces.models.modelfile import UNKNOWN, as_word

SOURCE = "homeassistant"
CLASSES = frozenset(("occupancy", "presence", "motion"))
_CONFIG = "config"
_SHORT: Mapping[str, str] = {
    "avty": "availability",
    "avty_t": "availability_topic",
    "cmps": "components",
    "dev": "device",
    "dev_cla": "device_class",
    "mdl": "model",
    "mf": "manufacturer",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "t": "topic",
    "uniq_id": "unique_id",
    "val_tpl": "value_template",
}
"""Names that configurations may shorten."""
_FIELD = re.compile(r"""\{\{\s*value_json((?:\.\w+|\[\s*(?:'[^']+'|"[^"]+")\s*\])+)\s*(?:\|\s*\w+\s*)*\}\}""")
_KEY = re.compile(r"""\.(\w+)|\[\s*'([^']+)'\s*\]|\[\s*"([^"]+)"\s*\]""")


class Entity(msgspec.Struct, frozen=True, gc=False):
    """A binary sensor as its configuration describes it, and the topic of that."""

    config: str
    device: Device
    state_topic: str
    gone: tuple[tuple[str, str], ...]
    """Topics of availability, each with the word that says that it is not there."""


class Described(msgspec.Struct, frozen=True, gc=False):
    """What is remembered: entities by their state topics, the topics of each configuration, and the last states."""

    entities: "HashTrieMap[str, tuple[Entity, ...]]" = HashTrieMap()
    roster: Roster = NOBODY


class HomeAssistant:
    """Reads what describes itself to Home Assistant.

    >>> form = HomeAssistant("home")
    >>> config = b'{"name":"Desk","unique_id":"d1","stat_t":"home/d1","dev_cla":"occupancy","pl_on":"BUSY"}'
    >>> hear = lambda topic, payload, state: form.hear(topic, payload, retained=True, state=state, known=lambda _: None)
    >>> _, state = hear("homeassistant/binary_sensor/d1/config", config, form.initial())
    >>> said, _ = hear("home/d1", b"BUSY", state)
    >>> said[0].address.name, said[0].occupied
    ('d1', True)
    """

    def __init__(self, base: str = "home", prefix: str = SOURCE) -> None:
        self._base, self._prefix = base, prefix

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Configurations, and all below the topic that people have named."""
        return (Filter(f"{self._prefix}/#", shared=False), Filter(f"{self._base}/#", shared=False))

    def limit(self, topic: str) -> int:  # noqa: ARG002 - a configuration of a device may be as long as a message
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> Described:
        """Return the state before anything was heard."""
        return Described()

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: Described,
        known: Known,
    ) -> Heard[Described]:
        """Return what a message says, and the state after it."""
        levels = topic.split("/")
        if levels[0] == self._prefix and levels[-1] == _CONFIG and len(levels) in {4, 5}:
            return Ignored(SOURCE), _configured(topic, levels, payload, state)
        if topic == f"{self._prefix}/status":
            return _gone(state, lambda _: read_word(payload) == "offline")
        if not payload:
            return Ignored(SOURCE), state
        outcome, after = _hear_state(topic, payload, state, known)
        word = read_word(payload)
        unavailable, after = _gone(after, lambda entity: word is not None and (topic, word) in entity.gone)
        return unavailable if isinstance(unavailable, list) and unavailable else outcome, after


def _hear_state(topic: str, payload: bytes, state: Described, known: Known) -> Heard[Described]:
    said: list[Observation | Refusal] = []
    for entity in state.entities.get(topic) or ():
        fields = decode_json(payload) if payload[:1] in b"{[" else {"": read_word(payload)}
        model = known(entity.device.name) or entity.device.model
        if isinstance(fields, Refusal) or model is None:
            return fields if isinstance(fields, Refusal) else Ignored(SOURCE), state
        said += observe(model, fields, entity.device)
    outcome: Outcome = said or Ignored(SOURCE)
    return outcome, Described(state.entities, note(state.roster, outcome))


def _gone(state: Described, is_gone: Any) -> Heard[Described]:
    names = {entity.device.name for entities in state.entities.values() for entity in entities if is_gone(entity)}
    if not names:
        return Ignored(SOURCE), state
    outcome, roster = go(state.roster, names.__contains__)
    return outcome or Ignored(SOURCE), Described(state.entities, roster)


def _configured(topic: str, levels: list[str], payload: bytes, state: Described) -> Described:
    """Return the state after a configuration: what it described before is gone."""
    entities = state.entities
    for at, found in state.entities.items():
        kept = tuple(one for one in found if one.config != topic)
        if len(kept) < len(found):
            entities = entities.insert(at, kept) if kept else entities.remove(at)
    config = decode_json(payload) if payload else None
    for one in _entities(topic, levels, _spelt_out(config)) if isinstance(config, dict) else ():
        if len(entities) < MOST_DEVICES:
            entities = entities.insert(one.state_topic, (*(entities.get(one.state_topic) or ()), one))
    return Described(entities, state.roster)


def _entities(topic: str, levels: list[str], config: dict[str, Any]) -> Iterator[Entity]:
    """Yield the entities of a configuration: one, or those of a device."""
    if levels[1] != "device":
        one = _entity(topic, levels[1], levels[-2], config)
        if one is not None:
            yield one
        return
    shared = {key: value for key, value in config.items() if key != "components"}
    for name, component in fields_of(config.get("components")).items():
        if isinstance(component, dict):
            whole = {**shared, **_spelt_out(component)}
            one = _entity(topic, str(whole.get("platform", "")), name, whole)
            if one is not None:
                yield one


def _entity(topic: str, component: str, name: str, config: dict[str, Any]) -> Entity | None:
    at = _way(config.get("value_template"))
    where = _topic(config.get("state_topic"), config)
    if component != "binary_sensor" or str(config.get("device_class")) not in CLASSES or at is None or not where:
        return None
    unique = config.get("unique_id")
    device = Device(
        unique if isinstance(unique, str) and unique else name,
        label=_label(config, name),
        model=_model(config, at),
    )
    return Entity(topic, device, where, tuple(_availability(config)))


def _model(config: dict[str, Any], at: Pointer) -> Model:
    on, off = as_word(config.get("payload_on", "ON")), as_word(config.get("payload_off", "OFF"))
    unknown = frozenset(map(as_word, UNKNOWN)) | {"none"}
    rule = StateRule((at,), frozenset({on, *_also(on)}), frozenset({off, *_also(off)}), unknown)
    told = fields_of(config.get("device"))
    names = [str(told[key]) for key in ("manufacturer", "model") if isinstance(told.get(key), str)]
    return Model(
        SOURCE,
        " ".join(names)[:80] or "Home Assistant's sensor",
        (Part(state=rule),),
        speaks=Speaks.CHANGES,
        hold=Hold.AVAILABILITY,
    )


def _also(word: object) -> tuple[str, ...]:
    """Return how a number is spelt that a configuration has as such and a payload as text."""
    return (str(word),) if isinstance(word, int | float) and not isinstance(word, bool) else ()


def _availability(config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    several = config.get("availability")
    for one in [config, *(several if isinstance(several, list) else [several])]:
        if isinstance(one, dict):
            told = _spelt_out(one)
            topic = _topic(told.get("availability_topic", told.get("topic")), config)
            if topic:
                yield topic, str(told.get("payload_not_available", "offline"))


def _way(template: object) -> Pointer | None:
    """Return the way to the field that a template names, None where it does more than that."""
    if template is None:
        return ("",)
    found = _FIELD.fullmatch(template.strip()) if isinstance(template, str) else None
    return tuple("".join(keys) for keys in _KEY.findall(found[1])) if found else None


def _topic(text: object, config: dict[str, Any]) -> str:
    base = config.get("~")
    if not isinstance(text, str):
        return ""
    if not isinstance(base, str):
        return text
    return f"{base}{text[1:]}" if text.startswith("~") else f"{text[:-1]}{base}" if text.endswith("~") else text


def _label(config: dict[str, Any], name: str) -> str:
    parts = [fields_of(config.get("device")).get("name"), config.get("name", name)]
    return " ".join(str(part) for part in parts if isinstance(part, str))[:80] or name


def _spelt_out(config: Any) -> dict[str, Any]:
    """Return a configuration with its names at their full length."""
    return {_SHORT.get(key, key): value for key, value in config.items()} if isinstance(config, dict) else {}
