"""Whether another client uses our id, as connections tell that the broker ends one after the other."""

import time

from ingest.settings import IngestSettings

TAKEN_OVER = 0x8E
"""The reason code of MQTT 5 with which a broker says so. Not every one does: Mosquitto 2.0 closes the connection."""
_SHORT, _OFTEN = 5.0, 3
"""Connections that the broker ends within so many seconds, so often in a row, let us think of a rival."""


class Rivals:
    """What became of the connections of one session."""

    def __init__(self, settings: IngestSettings) -> None:
        self._settings = settings
        self._granted, self._cut_short = 0.0, 0

    def granted(self) -> None:
        """Note that messages come in from now on."""
        self._granted = time.monotonic()

    def ended(self) -> None:
        """Note that the broker has ended a connection over which messages came in."""
        self._cut_short = self._cut_short + 1 if time.monotonic() - self._granted < _SHORT else 0

    def away(self) -> None:
        """Note that the broker cannot be reached: that ended the connection, and no rival."""
        self._cut_short = 0

    def doubt(self) -> str | None:
        """Return what lets us think that another client uses our id, None where nothing does."""
        if self._cut_short < _OFTEN or time.monotonic() - self._granted > _SHORT:
            return None
        return f"{self._settings.address} closes each new connection within seconds: {self._told('uses the id', '')}"

    def taken_over(self) -> str:
        """Return what to tell where the broker says so itself."""
        return self._told("with the id", " has taken the session")

    def _told(self, how: str, what: str) -> str:
        return f"another client {how} {self._settings.client_id}{what}; give each worker a client_id of its own"
