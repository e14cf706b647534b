"""The families of sources by name: ours, and those that other packages add under the entry point `ledig.formats`."""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from ingest.formats import Format
from ingest.formats.chirpstack import ChirpStack
from ingest.formats.esphome import EspHome
from ingest.formats.homeassistant import HomeAssistant
from ingest.formats.mapping import Mapped, has_topics
from ingest.formats.milesight import Milesight
from ingest.formats.shelly import Shelly
from ingest.formats.statestream import StateStream
from ingest.formats.tasmota import Tasmota
from ingest.formats.tts import ThingsStack
from ingest.formats.zigbee2mqtt import Zigbee2Mqtt
from spaces.mistakes import did_you_mean
from spaces.models import Models

GROUP = "ledig.formats"


class Family(NamedTuple):
    """A family of sources: its name for people, its usual base topic, and its format below a base topic."""

    title: str
    base: str
    make: Callable[[str, Models], Format[Any]]
    """Makes its format, below a base topic, for houses with these models of their own."""
    advice: str = ""
    """What to set at the source so that nothing is lost while we are away."""


def _by_base(make: Callable[[str], Format[Any]]) -> Callable[[str, Models], Format[Any]]:
    return lambda base, _: make(base)


OURS: Mapping[str, Family] = {
    "chirpstack": Family(
        "ChirpStack", "application", _by_base(ChirpStack), "chirpstack.toml, [integration.mqtt]: qos=1"
    ),
    "esphome": Family(
        "ESPHome",
        "",
        _by_base(EspHome),
        "Its last states are retained, and come again; what was in between is lost",
    ),
    "homeassistant": Family(
        "what describes itself to Home Assistant",
        "home",
        _by_base(HomeAssistant),
        "The broker can keep them: queue_qos0_messages true, and keeps_qos0 = true here",
    ),
    "mapping": Family("the house's own rules", "", lambda _, models: Mapped(has_topics(models.values()))),
    "milesight": Family(
        "Milesight's sensors and gateways",
        "milesight",
        _by_base(Milesight),
        "On the page of the gateway or the sensor: QoS 1",
    ),
    "shelly": Family(
        "Shelly",
        "",
        _by_base(Shelly),
        "The broker can keep them: queue_qos0_messages true, and keeps_qos0 = true here",
    ),
    "statestream": Family(
        "Home Assistant's statestream",
        "statestream",
        _by_base(StateStream),
        "configuration.yaml: mqtt_statestream: include: entities: those of presence alone",
    ),
    "tasmota": Family(
        "Tasmota",
        "",
        _by_base(Tasmota),
        "The broker can keep them: queue_qos0_messages true, and keeps_qos0 = true here",
    ),
    "tts": Family(
        "The Things Stack",
        "v3",
        _by_base(ThingsStack),
        "There is no setting that raises it; its Storage Integration keeps what was missed",
    ),
    "zigbee2mqtt": Family(
        "Zigbee2MQTT",
        "zigbee2mqtt",
        _by_base(Zigbee2Mqtt),
        "configuration.yaml: device_options: {qos: 1}, and availability: {enabled: true}",
    ),
}


def families() -> Mapping[str, Family]:
    """Return all families; one of ours is not replaced."""
    others = {point.name: point.load() for point in entry_points(group=GROUP) if point.name not in OURS}
    return {**others, **OURS}


def family_of(name: str) -> Family:
    """Return a family by its name.

    Raises:
        ValueError: there is none, with what was perhaps meant.
    """
    found = families()
    if name not in found:
        raise ValueError(f"{name!r} is no family of sources{did_you_mean(name, sorted(found))}")
    return found[name]
