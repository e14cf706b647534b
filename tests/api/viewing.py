"""A viewer of /live: reads server-sent events as the standard has it, over a real connection."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx


class Event(NamedTuple):
    """One event as a browser gives it."""

    name: str
    id: str
    meta: dict[str, Any]
    rows: list[dict[str, Any]]


class Viewer:
    """An open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()

    def next(self, *names: str) -> Event:
        """Return the next event, or the next of one of these names."""
        for event in self._events():
            if not names or event.name in names:
                return event
        raise AssertionError("the stream ended")

    def ends(self) -> bool:
        """Read to the end."""
        return all(event.name for event in self._events())

    def _events(self) -> Iterator[Event]:
        fields: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
                continue
            body = json.loads(fields["data"])
            yield Event(fields["event"], fields["id"], body["meta"], body["rows"])
            fields = {}


@contextmanager
def watching(url: str, site: str, last: str | None = None, brings: Mapping[str, str] | None = None) -> Iterator[Viewer]:
    """Open a stream, going on after the event `last`; `brings` are headers that say who asks."""
    headers = {**(brings or {}), **({"Last-Event-ID": last} if last is not None else {})}
    with httpx.stream("GET", f"{url}v1/sites/{site}/live", headers=headers, timeout=30) as response:
        yield Viewer(response)
