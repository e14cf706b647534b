"""Committed readings on their way between processes: `{prefix}/{site}/live`, MQTT QoS 0.

Whoever ingests says what it has committed, whoever shows listens. A lost message is no loss: the store has it.
"""

from collections.abc import Iterator, Sequence

import msgspec

from spaces.reading import Reading

MOST_IN_MESSAGE = 500
"""Readings in one message: some 50 kB."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Reading]).decode


def live_topic(prefix: str, site: str) -> str:
    """Return the topic on which a site's committed readings travel.

    >>> live_topic("ledig/v1", "betahaus")
    'ledig/v1/betahaus/live'
    """
    return f"{prefix}/{site}/live"


def is_live_topic(topic: str) -> bool:
    """Whether a topic below the prefix may be one of those: sensors' topics end otherwise."""
    return topic.endswith("/live")


def live_messages(prefix: str, readings: Sequence[Reading]) -> Iterator[tuple[str, bytes]]:
    """Yield (topic, payload) of committed readings, site by site, a few hundred in each.

    >>> [(topic, payload)] = live_messages("p", [Reading("s", "d", 5, 9, occupied=True)])
    >>> topic, decode_live(payload)[0].time
    ('p/s/live', 5)
    """
    by_site: dict[str, list[Reading]] = {}
    for reading in readings:
        by_site.setdefault(reading.site, []).append(reading)
    for site, said in by_site.items():
        for start in range(0, len(said), MOST_IN_MESSAGE):
            yield live_topic(prefix, site), _encode(said[start : start + MOST_IN_MESSAGE])


def decode_live(payload: bytes) -> list[Reading]:
    """Read a message of committed readings.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return _decode(payload)
