"""What was refused, kept for whoever wants to know why: a few files of JSON lines that rotate."""

import base64
import threading
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ingest.refusals import Refusal
from ingest.verdicts import Refused
from spaces.times import Millis, rfc3339

FILES = 4
_HEAD = 512
"""Bytes of a payload that are kept; a mistake shows at its beginning, or nobody will find it."""


class Quarantine:
    """Messages of which something was refused, in `refused.jsonl` and its older siblings up to `refused.3.jsonl`.

    Each is a line, whatever number of refusals it has: the first is told in full, the rest are in `also`.

    All files together hold at most about the bytes allowed. `rotated_out` counts messages that were kept and
    had to go, `unkept` those that could not be written (a full disk): refusing goes on either way.
    """

    def __init__(self, folder: Path, *, most_bytes: int) -> None:
        self._files = [folder / ("refused.jsonl" if n == 0 else f"refused.{n}.jsonl") for n in range(FILES)]
        self._most = max(most_bytes // FILES, 1)
        self.rotated_out = 0
        self.unkept = 0
        self._lines: list[int] | None = None
        self._lock = threading.Lock()

    def keep(self, refused: Iterable[Refused], received: Millis) -> None:
        """Write messages down; a failure is counted and never raised."""
        lines = [_line(one, received) for one in refused]
        with self._lock:  # a spool refuses on a thread of its own
            try:
                self._write(lines)
            except OSError:
                self.unkept += len(lines)

    def _write(self, lines: list[bytes]) -> None:
        newest = self._files[0]
        newest.parent.mkdir(parents=True, exist_ok=True)
        if self._lines is None:
            self._lines = [_lines_of(file) for file in self._files]
        waiting = lines
        while waiting:
            room = self._most - (newest.stat().st_size if newest.exists() else 0)
            if room <= 0:
                self._rotate(self._lines)
                continue
            fitting = _fitting(waiting, room)
            with newest.open("ab") as stream:
                stream.writelines(waiting[:fitting])
            self._lines[0] += fitting
            waiting = waiting[fitting:]

    def _rotate(self, lines: list[int]) -> None:
        self.rotated_out += lines[-1]
        for older, younger in zip(self._files[:0:-1], self._files[-2::-1], strict=True):
            if younger.exists():
                younger.replace(older)
        lines[:] = [0, *lines[:-1]]


def _fitting(lines: list[bytes], room: int) -> int:
    """Return how many lines fit, and one more: a line is never cut."""
    for index, line in enumerate(lines):
        room -= len(line)
        if room <= 0:
            return index + 1
    return len(lines)


def _lines_of(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def _spelt(refusal: Refusal) -> dict[str, object]:
    return {"reason": refusal.reason, "detail": refusal.detail}


def _line(refused: Refused, received: Millis) -> bytes:
    (_, _, topic, payload, retained), (first, *others) = refused
    entry: dict[str, object] = {"received": rfc3339(received), "topic": topic[:256], **_spelt(first)}
    if others:
        entry["also"] = [_spelt(refusal) for refusal in others]
    if retained:
        entry["retained"] = True
    head = payload[:_HEAD]
    try:
        entry["payload"] = head.decode()
    except UnicodeDecodeError:
        entry["payload_base64"] = base64.b64encode(head).decode()
    if len(payload) > _HEAD:
        entry["bytes"] = len(payload)
    return msgspec.json.encode(entry) + b"\n"
