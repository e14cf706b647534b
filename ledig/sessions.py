"""Which sessions we have at the broker, so that none is left behind when workers become fewer.

The broker queues for a session until it expires. A worker that is gone for good has to take what lies there.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event

import msgspec

from ingest.link import BrokerLink, LinkError
from ingest.settings import IngestSettings
from ingest.sources import usual_subscriptions
from ingest.worker import Worker
from ledig.stopping import say

log = logging.getLogger(__name__)
_QUIET = 2.0
"""Seconds without a message after which nothing is queued any more."""
_LOOK = 0.1


class Sessions:
    """The sessions of a data folder, in a small file of their own."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "sessions.json"

    def empty_left_behind(
        self, now: list[IngestSettings], retire: Callable[[IngestSettings], Worker], stop: Event
    ) -> None:
        """Take what is queued for workers that are no more, and go on with those there are now."""
        left = self.left_behind(now)
        self.remember(now)
        for gone in left:
            say(f"taking what is queued for {gone.client_id}, which is no worker any more")
            if empty(retire(gone), stop):
                self.forget(gone)

    def left_behind(self, now: list[IngestSettings]) -> list[IngestSettings]:
        """Return what must be done for sessions of an earlier start that none of those now goes on with."""
        known = self._read()
        ours = {settings.client_id: usual_subscriptions(settings) for settings in now}
        template = now[0]
        return [
            replace(template, client_id=client_id, share=share, republish=False, retire=True)
            for client_id, share in known.items()
            if ours.get(client_id) != usual_subscriptions(replace(template, share=share))
        ]

    def remember(self, now: list[IngestSettings]) -> None:
        """Write down the sessions there are now, before they are made."""
        self._write({**self._read(), **{settings.client_id: settings.share for settings in now}})

    def forget(self, gone: IngestSettings) -> None:
        """Write down that a session is no more."""
        self._write({name: share for name, share in self._read().items() if name != gone.client_id})

    def _read(self) -> dict[str, str | None]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, str | None])
        except (OSError, msgspec.DecodeError):
            return {}

    def _write(self, sessions: dict[str, str | None]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        new = self._file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(sessions))
        new.replace(self._file)


def empty(worker: Worker, stop: Event) -> bool:
    """Let a worker that retires take what is queued for it, and end its session; return whether it is done."""
    worker.start()
    try:
        quiet_since, seen = time.monotonic(), -1
        while not stop.wait(_LOOK):
            count = worker.ledger.count().messages
            if worker.trouble() is not None or count.received != seen or count.in_flight:
                quiet_since, seen = time.monotonic(), count.received
            if time.monotonic() - quiet_since > _QUIET:
                break
    finally:
        worker.stop()
    return not stop.is_set() and _end_session(worker.settings)


def _end_session(settings: IngestSettings) -> bool:
    link = BrokerLink(replace(settings, session_expiry=0))
    try:
        link.connect()
    except LinkError as error:
        log.warning("the session %s could not be ended: %s", settings.client_id, error)
        return False
    finally:
        link.close()
    return True
