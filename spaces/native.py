"""ledig's own payload: JSON on ``{prefix}/{site}/{sensor}/state`` (docs/design.md, section 5).

Both ends use this module: ingest to decode, the simulator and replay to encode.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from spaces.reading import Reading
from spaces.times import Millis, rfc3339, to_millis

DEFAULT_PREFIX = "ledig/v1"
MOST_PEOPLE = 1_000_000
"""More people than this on one sensor is a broken sensor, not a crowd."""
MOST_SEQ = 2**63 - 1

_FINER = re.compile(rb'"time"\s*:\s*"[^"]*\.\d{6}[5-9]')
_NO_NUMBER = re.compile(rb"([:,\[{]\s*)[+-]?(?:NaN|Infinity|nan|inf)(?=\s*[,}\]])")
"""What others write in JSON that has no such words: no number, and never a value of ours."""
_MICRO = timedelta(microseconds=1)

AwareTime = Annotated[datetime, Meta(tz=True)]


class StateMessage(msgspec.Struct, gc=False, omit_defaults=True):
    """The wire form of a reading. A missing key and null are told apart for ``occupied`` alone."""

    time: AwareTime | int | None = None
    occupied: bool | UnsetType | None = UNSET
    people: Annotated[int, Meta(ge=0, le=MOST_PEOPLE)] | None = None
    battery: Annotated[float, Meta(ge=0, le=100)] | None = None
    seq: Annotated[int, Meta(ge=0, le=MOST_SEQ)] | None = None

    def millis(self, payload: bytes = b"") -> Millis | None:
        """Return the event time in UTC milliseconds, cut, None where the message carries none.

        The decoder rounds to microseconds; whether that went up over a millisecond only the payload says.
        """
        time = self.time
        if not isinstance(time, datetime):
            return time
        if not time.microsecond % 1_000 and _FINER.search(payload):
            time -= _MICRO
        return to_millis(time)


_NULL = msgspec.Raw(b"null")


class _LooseMessage(msgspec.Struct, gc=False):
    """A state of which no optional field has been looked at."""

    time: AwareTime | int | None = None
    occupied: bool | UnsetType | None = UNSET
    people: msgspec.Raw = _NULL
    battery: msgspec.Raw = _NULL
    seq: msgspec.Raw = _NULL


_encode = msgspec.json.Encoder().encode
decode_state = msgspec.json.Decoder(StateMessage).decode
"""bytes -> StateMessage; raises msgspec.DecodeError or its subclass msgspec.ValidationError."""
_decode_loosely = msgspec.json.Decoder(_LooseMessage).decode
_decode_number = msgspec.json.Decoder(int | float | None).decode


def decode_fit(payload: bytes) -> tuple[StateMessage, tuple[str, ...]]:
    """Return a state without those of `people`, `battery` and `seq` that cannot be, and the names of these.

    A whole number may be spelt 3.0: that costs a second look, so `decode_state` goes first.

    >>> decode_fit(b'{"occupied":true,"people":3.0,"battery":255}')
    (StateMessage(time=None, occupied=True, people=3, battery=None, seq=None), ('battery',))

    Raises:
        msgspec.DecodeError: the rest is wrong.
    """
    loose = _decode_loosely(_NO_NUMBER.sub(rb"\g<1>-1e999", payload))
    found = StateMessage(loose.time, loose.occupied)
    unfit: tuple[str, ...] = ()
    for name in ("people", "battery", "seq"):
        try:
            number = _decode_number(getattr(loose, name))
            whole = int(number) if isinstance(number, float) and number.is_integer() else number
            setattr(found, name, getattr(msgspec.convert({name: whole}, StateMessage), name))
        except msgspec.DecodeError:
            unfit = (*unfit, name)
    return found, unfit


def encode_reading(reading: Reading) -> bytes:
    """Spell a reading as its sensor would send it (times as RFC 3339; a stamped one without a time).

    >>> encode_reading(Reading("s", "d", 1767225600000, 0, occupied=True))
    b'{"time":"2026-01-01T00:00:00Z","occupied":true}'
    """
    fields: dict[str, object] = {} if reading.stamped else {"time": rfc3339(reading.time)}
    if reading.occupied is not None or reading.people is None:
        fields["occupied"] = reading.occupied
    for name in ("people", "battery", "seq"):
        if (value := getattr(reading, name)) is not None:
            fields[name] = value
    return _encode(fields)


def state_topic(prefix: str, site: str, sensor: str) -> str:
    """Return the topic on which a sensor's states travel.

    >>> state_topic("ledig/v1", "betahaus", "d-201")
    'ledig/v1/betahaus/d-201/state'
    """
    return f"{prefix}/{site}/{sensor}/state"
