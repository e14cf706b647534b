"""What the viewers of one site see, numbered by changes; server-sent events are made of it, once for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from secrets import token_hex
from typing import Any

import msgspec
from fastapi.sse import format_sse_event

from analytics.privacy.disclosure import Row

RETRY = 2_000
"""Milliseconds after which a browser asks again by itself."""


class Picture:
    """The rows that may be seen, numbered by changes. Belongs to one thread.

    A viewer who saw change n is sent the rows that differ since, whether that was one change or a thousand: so
    nobody is sent more than one picture, however slow or long away, and nothing is kept for anybody.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self._epoch = token_hex(4)
        self._meta: Mapping[str, Any] = {}
        self._rows: dict[str, Row] = {}
        self._changed: dict[str, int] = {}
        self._drawn = 0
        """The change at which all was drawn anew: the site's spaces were others before."""
        self._frames: dict[int | None, bytes] = {}

    def take(self, rows: Iterable[Row], meta: Mapping[str, Any]) -> bool:
        """Take the rows as they are now, of a site that `meta` describes; return whether any differs."""
        found = {row["space"]: row for row in rows}
        anew = list(found) != list(self._rows) or not self.sequence
        changed = list(found) if anew else [space for space, row in found.items() if row != self._rows[space]]
        self._meta = meta
        if changed or anew:
            self.sequence += 1
            self._changed = {} if anew else self._changed
            self._changed |= dict.fromkeys(changed, self.sequence)
            self._drawn = self.sequence if anew else self._drawn
            self._rows = found
        self._frames.clear()
        return bool(changed) or anew

    def place(self, event_id: str | None) -> int | None:
        """Return the change that an event's id names, None for an id that is not ours."""
        epoch, _, number = (event_id or "").partition("-")
        if epoch != self._epoch or not number.isdecimal() or len(number) > 18:
            return None
        return int(number) if int(number) <= self.sequence else None

    def frame(self, seen: int | None) -> bytes:
        """Return the event for one who saw change `seen` last, None for a newcomer: all, what differs, or a beat."""
        seen = None if seen is None or seen < self._drawn else seen
        if seen not in self._frames:
            self._frames[seen] = self._made(seen)
        return self._frames[seen]

    def _made(self, seen: int | None) -> bytes:
        if seen is None:
            return self._event("state", list(self._rows.values()))
        if seen == self.sequence:
            return self._event("alive", [])
        return self._event("change", [self._rows[space] for space, at in self._changed.items() if at > seen])

    def _event(self, name: str, rows: Sequence[Row]) -> bytes:
        meta = self._meta if name == "state" else {"generated": self._meta.get("generated")}
        body = msgspec.json.encode({"meta": meta, "rows": rows}).decode()
        event_id = f"{self._epoch}-{self.sequence}"
        return format_sse_event(data_str=body, event=name, id=event_id, retry=RETRY if name == "state" else None)
