"""Time as ledig keeps it: whole UTC milliseconds, and its two spellings at the edge."""

from datetime import UTC, datetime, timedelta

Millis = int
"""Milliseconds since 1970-01-01T00:00:00Z."""

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR

BEGINNING: Millis = -(1 << 62)
"""Before every reading: "has always been"."""
FOREVER: Millis = 1 << 62
"""After every reading: "until further notice"."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLI = timedelta(milliseconds=1)


def to_millis(moment: datetime) -> Millis:
    """Turn an aware datetime into UTC milliseconds, cutting what is finer.

    >>> to_millis(datetime(2026, 1, 1, tzinfo=UTC))
    1767225600000
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset from UTC")
    return (moment - _EPOCH) // _MILLI


def to_datetime(millis: Millis) -> datetime:
    """Turn UTC milliseconds into an aware UTC datetime."""
    return _EPOCH + millis * _MILLI


def rfc3339(millis: Millis) -> str:
    """Spell UTC milliseconds as RFC 3339, with milliseconds only where there are any.

    >>> rfc3339(1767225600000)
    '2026-01-01T00:00:00Z'
    >>> rfc3339(1767225600250)
    '2026-01-01T00:00:00.250Z'
    """
    finest = "milliseconds" if millis % SECOND else "seconds"
    return to_datetime(millis).replace(tzinfo=None).isoformat(timespec=finest) + "Z"


def parse_instant(text: str) -> Millis:
    """Read RFC 3339 with an offset, or integer epoch milliseconds.

    >>> parse_instant("2026-01-01T01:00:00+01:00") == parse_instant("1767225600000")
    True

    Raises:
        ValueError: with a message that says what would have been right.
    """
    if text.lstrip("-").isdecimal():
        return _whole_millis(text)
    try:
        moment = datetime.fromisoformat(f"{text[:-1]}Z" if text.endswith("z") else text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write 2026-05-04T08:00:00Z or epoch milliseconds") from None
    if moment.tzinfo is None:
        told = moment.isoformat()
        raise ValueError(f"{text!r} has no offset; write {told}Z for UTC or {told}+02:00, say")
    return to_millis(moment)


def _whole_millis(text: str) -> Millis:
    if len(text) > 15:
        raise ValueError(f"{text[:20]!r} is beyond every date; times are epoch milliseconds")
    millis = int(text)
    if -SECONDS_BELOW < millis < 0:
        raise ValueError(f"{text!r} is not a time; write 2026-05-04T08:00:00Z or epoch milliseconds")
    if 0 < millis < SECONDS_BELOW:
        meant = millis * SECOND
        advice = str(meant) if meant >= SECONDS_BELOW else rfc3339(meant)
        raise ValueError(f"{text!r} looks like seconds; times are epoch milliseconds, {advice} perhaps")
    return millis


SECONDS_BELOW: Millis = 10**11
"""Integers below this are taken for seconds and refused (docs/design.md, section 5): 10^11 ms is March 1973."""
