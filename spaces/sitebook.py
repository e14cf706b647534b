"""The sites in force: read from their files, read again when they change; a bad change keeps the old."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from spaces.mistakes import Mistake, SiteFileError
from spaces.site import Site
from spaces.sitefile import files_of, load_site

Sites = Callable[[], Mapping[str, Site]]
"""How everybody else asks for the sites in force."""

Stamp = tuple[tuple[int, int] | None, ...]


class SiteBook:
    """Sites by id, from the paths of their files. Thread-safe; `current` is cheap enough for every message."""

    def __init__(
        self, paths: Sequence[Path], *, monotonic: Callable[[], float] = time.monotonic, look_every: float = 1.0
    ) -> None:
        """Read every site once.

        Raises:
            SiteFileError: with the mistakes of all files, also where two files name one site.
        """
        self._paths = tuple(paths)
        self._monotonic = monotonic
        self._look_every = look_every
        self._lock = threading.Lock()
        self._stamps = {path: _stamp(path) for path in self._paths}
        self._loaded, mistakes = _load(self._paths)
        if mistakes:
            raise SiteFileError(mistakes)
        self._current = _by_id(self._loaded)
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

    def _look(self) -> None:
        self._looked = self._monotonic()
        for path in self._paths:
            stamp = _stamp(path)
            if stamp != self._stamps[path]:
                self._stamps[path] = stamp
                self._take_up(path)

    def _take_up(self, path: Path) -> None:
        loaded, mistakes = _load([path])
        self._mistakes = {other: found for other, found in self._mistakes.items() if other != path}
        if not mistakes:
            candidate = {**self._loaded, **loaded}
            mistakes = _twice(candidate)
        if mistakes:
            self._mistakes[path] = mistakes
            return
        self._loaded = candidate
        self._current = _by_id(candidate)


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
    return found


def _by_id(loaded: Mapping[Path, Site]) -> dict[str, Site]:
    return {site.id: site for site in loaded.values()}


def _stamp(path: Path) -> Stamp:
    return tuple(_file_stamp(file) for file in files_of(path))


def _file_stamp(file: Path) -> tuple[int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
