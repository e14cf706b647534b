"""When a source was not listened to, and whose words are lost by it.

A broker keeps for us what was published at QoS 1 or 2; what came at QoS 0 while we were away is gone, unless the broker
is told to keep that too. Of a sensor that speaks at QoS 0 nothing is known from then on until it speaks again: it may
have said that somebody left, or came.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ingest.formats import Address
from ingest.verdicts import Verdict
from spaces.times import MINUTE, SECOND, Millis

SHORT: Millis = MINUTE
"""What is lost in a shorter absence is no more than radio loses."""
_EVERY: Millis = 10 * SECOND
"""So often it is noted that we are there."""


class Absence:
    """Notes in a folder, from one life of a worker to the next, when it was there and at which QoS sensors speak."""

    def __init__(self, folder: Path | None, *, keeps_qos0: bool = False) -> None:
        """Without a folder only this life is known; a broker that `keeps_qos0` loses nothing for us."""
        self._alive_file = folder / "alive" if folder else None
        self._sensors_file = folder / "sensors.json" if folder else None
        self._keeps_qos0 = keeps_qos0
        self._qos, self._changed = _read_sensors(self._sensors_file), False
        self._alive = _read_alive(self._alive_file)
        self._noted: Millis = 0

    def hear(self, verdicts: Iterable[Verdict]) -> None:
        """Note at which QoS sensors speak."""
        for one in verdicts:
            qos = one.message[1]
            for reading in one.readings:
                address = Address(reading.site, reading.sensor)
                if self._qos.get(address) != qos:
                    self._qos[address] = qos
                    self._changed = True

    def be(self, now: Millis) -> None:
        """Note that we listen now; on disk only now and then."""
        self._alive = now
        if self._alive_file is not None and (self._changed or abs(now - self._noted) >= _EVERY):
            self._noted = now
            self._write(self._alive_file, now)

    def lost(self, now: Millis, *, session: bool) -> tuple[Millis, list[Address]] | None:
        """Return since when we were away, and whose words are lost by that; None where nobody's are.

        Without a `session` that the broker has kept, those of all.
        """
        if self._alive is None or now - self._alive <= SHORT:
            return None
        lost = [address for address, qos in self._qos.items() if not session or (qos == 0 and not self._keeps_qos0)]
        return (self._alive, lost) if lost else None

    def since(self, now: Millis) -> Millis:
        """Return for how long we have been away, 0 where nobody knows or the clock went back."""
        return max(now - self._alive, 0) if self._alive is not None else 0

    def at_qos0(self) -> list[Address]:
        """Return the sensors whose last word came at QoS 0."""
        return [address for address, qos in self._qos.items() if qos == 0]

    def _write(self, file: Path, now: Millis) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if self._changed and self._sensors_file is not None:
                self._changed = False
                found = [[*address, qos] for address, qos in self._qos.items()]
                new = self._sensors_file.with_suffix(".new")
                new.write_bytes(msgspec.json.encode(found))
                new.replace(self._sensors_file)
            file.touch()
            os.utime(file, (now / SECOND, now / SECOND))
        except OSError:  # a full disk: then the last note counts, and too much is taken for lost
            return


def _read_alive(file: Path | None) -> Millis | None:
    try:
        return None if file is None else int(file.stat().st_mtime * SECOND)
    except OSError:
        return None


def _read_sensors(file: Path | None) -> dict[Address, int]:
    try:
        rows = msgspec.json.decode(file.read_bytes(), type=list[tuple[str, str, int]]) if file is not None else []
    except (OSError, msgspec.DecodeError):
        rows = []
    return {Address(site, sensor): qos for site, sensor, qos in rows}
