"""Why a message is refused. A refusal is a value, counted by its reason and kept with its detail."""

from enum import StrEnum
from typing import NamedTuple


class Reason(StrEnum):
    """The reasons, as they stand on /metrics and in the quarantine."""

    TOPIC = "topic"
    """The topic is not {prefix}/{site}/{sensor}/state or .../status, or a name in it is no id."""
    UNKNOWN_SITE = "unknown_site"
    """No site file names the site."""
    TOO_MANY_SENSORS = "too_many_sensors"
    """The site has as many sensors that no space claims as are kept."""
    NO_DEVICE = "no_device"
    """The message does not say which sensor it is of."""
    EMPTY = "empty"
    """The payload is empty."""
    TOO_LARGE = "too_large"
    """The payload is larger than any state."""
    MALFORMED = "malformed"
    """The payload is no JSON."""
    WRONG_TYPE = "wrong_type"
    """A field has a type or a value that it cannot have."""
    NO_STATE = "no_state"
    """Neither occupied nor people."""
    CONTRADICTION = "contradiction"
    """occupied: false with people, or occupied: true without any."""
    SECONDS = "seconds"
    """The time is an integer too small for milliseconds."""
    TOO_EARLY = "too_early"
    """The time is before the site's `since`."""
    TOO_LATE = "too_late"
    """The time is more than five minutes after receipt: a clock that runs ahead."""
    RETAINED = "retained"
    """Retained without a time: of unknown age."""
    STORE = "store"
    """The store will not take it; the detail is in the store's own words."""
    UNEXPECTED = "unexpected"
    """Judging it failed in a way nobody foresaw; the detail says how."""


class Refusal(NamedTuple):
    """A reason with what exactly is wrong, for whoever mends the sensor."""

    reason: Reason
    detail: str
