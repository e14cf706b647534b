"""What VictoriaMetrics is asked: selectors, and the answers of its query and label routes."""

import json
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from spaces.times import SECOND, Millis
from store.lines import tag_text
from store.protocol import StoreError
from store.victoria.joining import NAMES

_MOST_NAMED = 8_000
"""Letters of a list of sensors; a query has at most 16 kB."""


class _Series(msgspec.Struct):
    metric: dict[str, str]
    value: tuple[float, str] | None = None
    values: list[tuple[float, str]] = []


class _Data(msgspec.Struct):
    result: list[_Series] = []


class _Answer(msgspec.Struct):
    data: _Data
    isPartial: bool = False  # noqa: N815 - as it is spelled there


class _Names(msgspec.Struct):
    data: list[str]
    isPartial: bool = False  # noqa: N815 - as it is spelled there


def selector(fields: Iterable[str], site: str | None = None, sensors: Iterable[str] = ()) -> str:
    r"""Return the selector of some fields, of a site and of some sensors; too many of them are not named.

    >>> selector(["lag", "stamped"], "betahaus", ["d-1"])
    '{__name__=~"occupancy_lag|occupancy_stamped",site="betahaus",sensor=~"d\\\\-1"}'
    """
    labels = [f"__name__=~{_quoted('|'.join(NAMES[field] for field in fields))}"]
    if site is not None:
        labels.append(f"site={_quoted(tag_text(site))}")
    named = _quoted("|".join(re.escape(tag_text(sensor)) for sensor in sensors))
    if 2 < len(named) <= _MOST_NAMED:
        labels.append(f"sensor=~{named}")
    return "{" + ",".join(labels) + "}"


def seconds(millis: Millis) -> str:
    """Spell UTC milliseconds as the routes take them.

    >>> seconds(1777874400001), seconds(5)
    ('1777874400.001', '0.005')
    """
    return f"{millis // SECOND}.{millis % SECOND:03}"


def window(start: Millis, end: Millis) -> dict[str, str]:
    """Return the fields that ask for start <= time < end."""
    return {"start": seconds(start), "end": seconds(end - 1)}


def vector(text: bytes) -> list[tuple[dict[str, str], float]]:
    """Return the labels and values of an instant query's answer."""
    found = _decoded(text, _Answer)
    return [(series.metric, float(series.value[1])) for series in found.data.result if series.value is not None]


def matrix(text: bytes) -> list[tuple[float, float]]:
    """Return the moments (seconds) and values of a range query's answer, of all its series."""
    found = _decoded(text, _Answer)
    return [(moment, float(value)) for series in found.data.result for moment, value in series.values]


def names(text: bytes) -> list[str]:
    """Return the values of a label."""
    found: list[str] = _decoded(text, _Names).data
    return found


def _decoded(text: bytes, kind: Any) -> Any:
    try:
        found = msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise StoreError(f"VictoriaMetrics answered what cannot be read: {text[:200]!r} ({error})") from error
    if found.isPartial:
        raise StoreError("VictoriaMetrics answered in part: storage nodes are away")
    return found


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
