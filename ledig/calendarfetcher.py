"""Calendars of rooms, fetched from their addresses every five minutes and kept in the data folder.

What is kept is the last answer that could be read, for its owner alone; a bad answer leaves it, and is noted beside it.
Processes that share a folder take turns: one fetches, all read. A fetch is a thread of its own, so that a host that
hangs keeps nobody waiting.
"""

import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ledig.fetcherrors import FetchError
from ledig.fetching import WITHIN, Fetch
from ledig.turn import Turn
from spaces.addresses import Address
from spaces.bookings import horizon, parse_calendar
from spaces.fetched import Note, note_file, read_note
from spaces.guard import one_mistake, reason
from spaces.mistakes import FileError
from spaces.sitebook import Sites
from spaces.times import Millis

EVERY = 300.0
"""Seconds between two fetches of an address, a tenth more or less: so that many do not come to go together."""
AT_ONCE = 4
"""Fetches at one time."""
_SPREAD = 0.25
"""Seconds over which each address spreads the first fetches of all."""
_LOOK_EVERY = 0.25
_END = 1.0
"""Seconds that fetches have to end in when they were broken off."""
LOCK = ".lock"
Key = tuple[str, str]
"""A site and a room of it."""


@dataclass(slots=True, eq=False)
class _Task:
    """An address to be fetched again and again: when next (monotonic), and the fetch that runs."""

    address: Address
    zone: ZoneInfo
    file: Path
    due: float
    fetch: Fetch | None = None
    thread: threading.Thread | None = None
    wanted: threading.Event = field(default_factory=threading.Event)

    @property
    def runs(self) -> bool:
        return self.thread is not None and self.thread.is_alive()

    def drop(self) -> None:
        """Break off what runs; what it brings is not kept."""
        self.wanted.clear()
        if self.fetch is not None:
            self.fetch.break_off()


class CalendarFetcher:
    """A thread that fetches what sites name, as they change."""

    def __init__(
        self,
        sites: Sites,
        folder: Path,
        clock: Callable[[], Millis],
        *,
        every: float = EVERY,
        fetch: Callable[..., Fetch] = Fetch,
    ) -> None:
        """`folder` is where calendars are kept, a folder for each site."""
        self._sites = sites
        self._folder = folder
        self._clock = clock
        self._every = every
        self._fetch = fetch
        self._tasks: dict[Key, _Task] = {}
        self._turn = Turn(folder / LOCK)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="calendars", daemon=True)
        self._trouble: str | None = None

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def stop(self) -> None:
        """Break off what is fetched, and end."""
        self._stopping.set()
        until = time.monotonic() + _END
        if self._thread.is_alive():
            self._thread.join(_END)
        for task in list(self._tasks.values()):
            task.drop()
        for task in list(self._tasks.values()):
            if task.thread is not None:
                task.thread.join(max(until - time.monotonic(), 0))
        self._turn.give_up()

    def trouble(self) -> str | None:
        """Return why calendars cannot be kept, None where they can."""
        return self._trouble

    def _run(self) -> None:
        while not self._stopping.wait(_LOOK_EVERY):
            try:
                self._look()
                self._trouble = None
            except OSError as error:
                self._trouble = f"calendars of rooms cannot be kept in {self._folder}: {reason(error)}"

    def _look(self) -> None:
        """Take up what sites name now, and begin what is due."""
        self._take_up()
        if not self._tasks or not self._take_turn():
            return
        now = time.monotonic()
        free = AT_ONCE - sum(task.runs for task in self._tasks.values())
        due = sorted((one for one in self._tasks.values() if one.due <= now and not one.runs), key=lambda one: one.due)
        for task in due[: max(free, 0)]:
            task.due = now + self._every * random.uniform(0.9, 1.1)  # noqa: S311 - jitter is no secret
            task.thread = threading.Thread(target=self._work, args=(task,), name="calendar", daemon=True)
            task.thread.start()

    def _take_turn(self) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._turn.take()

    def _take_up(self) -> None:
        wanted = {
            (site.id, space.id): (space.bookings, site.tz)
            for site in self._sites().values()
            for space in site.spaces
            if space.bookings is not None
        }
        for key in self._tasks.keys() - wanted.keys():
            self._forget(self._tasks.pop(key))
        new = {key: one for key, one in wanted.items() if key not in self._tasks or self._is_other(key, *one)}
        for (site, room), (address, zone) in new.items():
            if before := self._tasks.get((site, room)):
                before.drop()
            file = self._folder / site / f"{room}.ics"
            task = _Task(address, zone, file, time.monotonic() + self._rest(file, address, len(new)))
            task.wanted.set()
            self._tasks[site, room] = task

    def _is_other(self, key: Key, address: Address, zone: ZoneInfo) -> bool:
        return (self._tasks[key].address, self._tasks[key].zone) != (address, zone)

    def _rest(self, file: Path, address: Address, others: int) -> float:
        """Return for how many seconds a calendar need not be fetched."""
        checked = read_note(file, address).checked
        age = self._every if checked is None else (self._clock() - checked) / 1000
        jitter = random.random() * min(others * _SPREAD, self._every)  # noqa: S311 - jitter is no secret
        return max(self._every - age, 0) + jitter if age >= 0 else jitter  # one stamped ahead is no time to go by

    def _forget(self, task: _Task) -> None:
        """Let go of a calendar whose address was taken away."""
        task.drop()
        if self._turn.held:
            for file in (note_file(task.file), task.file):
                file.unlink(missing_ok=True)

    def _work(self, task: _Task) -> None:
        """Fetch one calendar, and keep it or what was wrong."""
        before = read_note(task.file, task.address)
        try:
            note = self._ask(task, before)
        except FetchError as error:
            note = msgspec.structs.replace(before, trouble=str(error))
        except OSError as error:
            note = msgspec.structs.replace(before, trouble=f"is not kept: {reason(error)}")
        except Exception as error:  # noqa: BLE001 - none of them may hold the address where it would be shown
            note = msgspec.structs.replace(before, trouble=f"cannot be fetched: {type(error).__name__}")
        if task.wanted.is_set() and note != before:
            with suppress(OSError):  # `_ask` says so, and a note that is missing is a calendar that grows old
                write_private(note_file(task.file), msgspec.json.encode(note))

    def _ask(self, task: _Task, before: Note) -> Note:
        kept = before.checked is not None and task.file.is_file()
        conditions = {"etag": before.etag, "modified": before.modified} if kept else {}
        task.fetch = self._fetch(task.address, within=min(WITHIN, self._every), **conditions)
        found = task.fetch.run()
        if found.data is not None:
            check_calendar(found.data, task.file, task.zone)
        if found.data is not None and task.wanted.is_set() and not (kept and task.file.read_bytes() == found.data):
            write_private(task.file, found.data)
        changed = {"etag": found.etag, "modified": found.modified} if found.data is not None else {}
        return msgspec.structs.replace(before, checked=self._clock(), trouble="", **changed)


def check_calendar(data: bytes, file: Path, zone: ZoneInfo) -> int:
    """Return how many bookings a calendar has.

    Raises:
        FetchError: it cannot be read: the line, and why.
    """
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
        # What it is instead is not repeated: such pages like to show the address that was asked for.
        raise FetchError("answers what is no calendar; is it a page to log in?")
    try:
        with one_mistake(file):
            calendar, mistakes = parse_calendar(data, file, zone, horizon())
    except FileError as error:
        calendar, mistakes = None, error.mistakes
    if calendar is None:
        first, more = mistakes[0], f", and {len(mistakes) - 1} more" if len(mistakes) > 1 else ""
        raise FetchError(f"answers a calendar that is not taken up: line {first.line}: {first.message}{more}")
    return len(calendar.times)


def write_private(file: Path, data: bytes) -> None:
    """Write a file anew that its owner alone may read, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    try:
        with os.fdopen(number, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(number)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
