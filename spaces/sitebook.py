"""The sites in force: read from their files, read again when they change; a bad change keeps the old."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from spaces.bookings import FOLDER, Bookings, Stamp, files_in, horizon, read_bookings, stamp_of
from spaces.fetched import Fetched
from spaces.learnt import read_learnt, with_limits
from spaces.mistakes import Mistake, SiteFileError
from spaces.references import shared_addresses
from spaces.site import Site
from spaces.sitefile import files_of, load_site

Sites = Callable[[], Mapping[str, Site]]
"""How everybody else asks for the sites in force."""

_Stamps = tuple[tuple[str, Stamp], ...]


class SiteBook:
    """Sites by id, from the paths of their files. Thread-safe; `current` is cheap enough for every message."""

    def __init__(  # noqa: PLR0913 - where its files lie, and how often they are looked at
        self,
        paths: Sequence[Path],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        look_every: float = 1.0,
        bookings: Path | None = None,
        fetched: Path | None = None,
        learnt: Path | None = None,
        through: Callable[[], int] = horizon,
    ) -> None:
        """Read every site once, and the calendars of its rooms: beside its file, or in the folder `bookings`.

        Calendars from addresses lie in the folder `fetched`, where somebody else keeps them fresh, and the limits that
        sensors have learnt in the file `learnt`.

        A calendar with mistakes holds nothing up: its room has no bookings until it is mended. Series are laid out
        through the end of the year `through`, and anew when it is another.

        Raises:
            SiteFileError: with the mistakes of all files, also where two files name one site.
        """
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._look_every = look_every
        self._lock = threading.Lock()
        self._bookings = bookings
        self._fetched = fetched
        self._learnt = learnt
        self._through = through
        self._booked: dict[Path, list[Mistake]] = {}
        self._stamps = {path: self._stamp(path) for path in self._paths}
        self._loaded, mistakes = _load(self._paths)
        if mistakes:
            raise SiteFileError(mistakes)
        self._calendar_stamps = {path: self._calendar_stamp(path) for path in self._paths}
        self._loaded = {path: self._with_bookings(path, site, None) for path, site in self._loaded.items()}
        self._learnt_stamp = self._stamp_learnt()
        self._current = self._by_id()
        self._mistakes: dict[Path, list[Mistake]] = {}
        self._looked = monotonic()

    def current(self) -> Mapping[str, Site]:
        """Return the sites in force, having looked for changed files at most once a second."""
        if self._monotonic() - self._looked >= self._look_every and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._current

    def mistakes(self) -> list[Mistake]:
        """Return what is wrong with files that changed badly; their old contents are in force."""
        return [mistake for found in self._mistakes.values() for mistake in found]

    def wrong_bookings(self) -> list[Mistake]:
        """Return what is wrong with calendars of rooms."""
        return [mistake for found in self._booked.values() for mistake in found]

    def warnings(self) -> list[Mistake]:
        """Return what sites, their lists and calendars of rooms have that is taken otherwise than it is written."""
        return [warning for site in self._loaded.values() for warning in (*site.warnings, *site.bookings.warnings)]

    def _look(self) -> None:
        self._looked = self._monotonic()
        for path in self._paths:
            stamp = self._stamp(path)
            changed = stamp != self._stamps[path]
            if changed:
                self._stamps[path] = stamp
                self._take_up(path)
            calendars = self._calendar_stamp(path)
            if changed or calendars != self._calendar_stamps[path]:
                self._calendar_stamps[path] = calendars
                self._take_up_bookings(path)
        learnt = self._stamp_learnt()
        if learnt != self._learnt_stamp:
            self._learnt_stamp = learnt
            self._current = self._by_id()

    def _take_up(self, path: Path) -> None:
        """Take up a site that has changed; one with mistakes leaves the old in force."""
        loaded, mistakes = _load([path])
        mistakes = mistakes or _twice({**self._loaded, **loaded})
        self._mistakes = {other: found for other, found in self._mistakes.items() if other != path}
        if mistakes:
            self._mistakes[path] = mistakes
        else:
            before = self._loaded[path]
            self._loaded = {**self._loaded, path: replace(loaded[path], bookings=before.bookings)}

    def _take_up_bookings(self, path: Path) -> None:
        """Read what has changed of the calendars of a site's rooms."""
        site = self._loaded[path]
        self._loaded = {**self._loaded, path: self._with_bookings(path, site, site.bookings)}
        self._current = self._by_id()

    def _by_id(self) -> dict[str, Site]:
        limits = read_learnt(self._learnt) if self._learnt is not None else {}
        return {site.id: with_limits(site, limits.get(site.id, {})) for site in self._loaded.values()}

    def _stamp_learnt(self) -> Stamp:
        return stamp_of(self._learnt) if self._learnt is not None else ()

    def _calendars(self, path: Path) -> Path:
        """Return the folder of a site's calendars."""
        return self._bookings or files_of(path)[0].parent / FOLDER

    @staticmethod
    def _stamp(path: Path) -> _Stamps:
        return tuple((file.name, stamp_of(file)) for file in files_of(path))

    def _calendar_stamp(self, path: Path) -> _Stamps:
        folder = self._calendars(path)
        fetched = self._addresses(self._loaded[path]).files()
        try:
            files = [*files_in(folder), *fetched]
        except OSError as error:
            return (str(error), ()), *((file.name, stamp_of(file)) for file in fetched)
        stamps = tuple((str(file), stamp_of(file)) for file in files)
        return *stamps, *([("through", (self._through(),))] if files else [])

    def _addresses(self, site: Site) -> Fetched:
        """Return from where a site's calendars are fetched, and to where."""
        addresses = {space.id: space.bookings for space in site.spaces if space.bookings is not None}
        return Fetched(self._fetched / site.id if self._fetched else None, addresses)

    def _with_bookings(self, path: Path, site: Site, before: Bookings | None) -> Site:
        rooms = [space.id for space in site.spaces if space.kind == "room"]
        folder, fetched = self._calendars(path), self._addresses(site)
        bookings, self._booked[path] = read_bookings(folder, rooms, site.tz, before, self._through(), fetched)
        return replace(site, bookings=bookings)


def _load(paths: Sequence[Path]) -> tuple[dict[Path, Site], list[Mistake]]:
    loaded: dict[Path, Site] = {}
    mistakes: list[Mistake] = []
    for path in paths:
        try:
            loaded[path] = load_site(path)
        except SiteFileError as error:
            mistakes += error.mistakes
    return loaded, mistakes + _twice(loaded)


def _twice(loaded: Mapping[Path, Site]) -> list[Mistake]:
    first: dict[str, Path] = {}
    found = []
    for path, site in loaded.items():
        if site.id in first:
            found.append(Mistake(files_of(path)[0], 1, f"site {site.id} is also in {first[site.id]}"))
        first.setdefault(site.id, path)
    placed = [(path, sensor) for path, site in loaded.items() for sensor in site.sensors]
    for (there, _), (path, sensor) in shared_addresses(placed):
        if path != there:
            message = f"sensor {sensor.id}: a sensor of {files_of(there)[0]} has the address {sensor.address!r} too"
            found.append(Mistake(files_of(path)[0], 1, message))
    return found
