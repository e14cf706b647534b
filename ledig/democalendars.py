"""The demo's calendars: bookings of its rooms, written beside its data while it already runs."""

import threading
from datetime import timedelta
from pathlib import Path

from ledig.stopping import complain
from simulator.bookings import Booked, bookings_between, write_calendars
from spaces.site import Site
from spaces.times import Millis, to_datetime

BEFORE = timedelta(weeks=13)
AFTER = timedelta(weeks=4)
"""How far before and after the demo's now its rooms are booked."""
_PAUSE = 0.01
"""Seconds of rest after each day: the page comes first."""


class DemoCalendars:
    """Writes the calendars of a site's rooms in a thread of its own, once."""

    def __init__(self, site: Site, seed: int, now: Millis, folder: Path) -> None:
        self._site = site
        self._seed = seed
        self._today = to_datetime(now).astimezone(site.tz).date()
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="calendars", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write no more, and wait until it is over."""
        self._stop.set()
        self._thread.join()

    def _write(self) -> None:
        booked: list[Booked] = []
        for day in bookings_between(self._site, self._seed, self._today - BEFORE, self._today + AFTER):
            booked += day
            if self._stop.wait(_PAUSE):
                return
        try:
            write_calendars(self._site, booked, self._folder)
        except OSError as error:
            complain(f"the rooms' calendars cannot be written: {error}")
