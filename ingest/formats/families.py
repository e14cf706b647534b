"""The families of sources by name: ours, and those that other packages add under the entry point `ledig.formats`."""

from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from ingest.formats import Format
from ingest.formats.chirpstack import ChirpStack
from ingest.formats.esphome import EspHome
from ingest.formats.milesight import Milesight
from ingest.formats.shelly import Shelly
from ingest.formats.statestream import StateStream
from ingest.formats.tasmota import Tasmota
from ingest.formats.tts import ThingsStack
from ingest.formats.zigbee2mqtt import Zigbee2Mqtt
from spaces.mistakes import did_you_mean

GROUP = "ledig.formats"


class Family(NamedTuple):
    """A family of sources: its name for people, its usual base topic, and its format below a base topic."""

    title: str
    base: str
    make: Callable[[str], Format[Any]]


OURS: Mapping[str, Family] = {
    "chirpstack": Family("ChirpStack", "application", ChirpStack),
    "esphome": Family("ESPHome", "", EspHome),
    "milesight": Family("Milesight's sensors and gateways", "milesight", Milesight),
    "shelly": Family("Shelly", "", Shelly),
    "statestream": Family("Home Assistant's statestream", "statestream", StateStream),
    "tasmota": Family("Tasmota", "", Tasmota),
    "tts": Family("The Things Stack", "v3", ThingsStack),
    "zigbee2mqtt": Family("Zigbee2MQTT", "zigbee2mqtt", Zigbee2Mqtt),
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
