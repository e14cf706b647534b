"""`calendars.*`: what rooms' calendars cost: 20 rooms with 10 weekly series each, in zones that Outlook defines.

`calendars.between` is reading the 20 files and asking each about a day, against the same files with IANA's name in
place of the definition, and `calendars.zones` how many times that is; `calendars.question` is a question to all 20
once they have been read.
"""

import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.rows import Row
from spaces.bookings import Bookings, read_bookings
from spaces.times import DAY, Millis, parse_instant

ROOMS, SERIES = 20, 10
ZONE = ZoneInfo("Europe/Berlin")
QUESTION = 20.0
"""Milliseconds until a question to all rooms is answered."""
TWICE = 2.0
"""How much dearer a zone of the file's own may be than a named one."""
NOW: Millis = parse_instant("2026-11-18T08:00:00Z")
OUTLOOK = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:{number}
DTSTART;TZID={name}:202{year}010{day}T{hour:02}0000
DTEND;TZID={name}:202{year}010{day}T{hour:02}3000
RRULE:FREQ=WEEKLY
END:VEVENT
"""


def rows(*, quick: bool) -> Iterator[Row]:
    """Yield the rows."""
    with tempfile.TemporaryDirectory() as folder:
        own, named = Path(folder, "own"), Path(folder, "named")
        _write(own, "Customized Time Zone", OUTLOOK)
        _write(named, ZONE.key, "")
        rounds = 3 if quick else 10
        taken = [(_read(own)[1], _read(named)[1]) for _ in range(rounds)]
        seconds = dict(zip((own, named), map(min, zip(*taken, strict=True)), strict=True))
        found, others = _read(own)[0], _read(named)[0]
        assert _asked(found) == _asked(others)
        unit = f"s of processor time to read {ROOMS} calendars of {SERIES} series and ask each; baseline is named zones"
        yield Row("calendars.between", seconds[own], seconds[named], unit, seconds[named] / seconds[own])
        times = seconds[own] / seconds[named]
        yield Row("calendars.zones", times, TWICE, "times that of named zones; baseline is the bound", TWICE / times)
        milliseconds = 1_000 * min(_question(found) for _ in range(rounds))
        unit = f"ms for a question to {ROOMS} calendars that were read; baseline is the bound"
        yield Row("calendars.question", milliseconds, QUESTION, unit, QUESTION / milliseconds)


def _write(folder: Path, name: str, definition: str) -> None:
    folder.mkdir()
    for room in range(ROOMS):
        events = "".join(
            EVENT.format(number=number, name=name, year=3 + number % 4, day=1 + (room + number) % 7, hour=8 + number)
            for number in range(SERIES)
        )
        text = f"BEGIN:VCALENDAR\nVERSION:2.0\n{definition.format(name=name)}{events}END:VCALENDAR\n"
        (folder / f"room-{room}.ics").write_text(text, encoding="utf-8")


def _read(folder: Path) -> tuple[Bookings, float]:
    """Return the calendars, and the processor time that it took to read them and to ask each about a day."""
    began = time.process_time()
    bookings, mistakes = read_bookings(folder, [f"room-{room}" for room in range(ROOMS)], ZONE)
    _asked(bookings)
    assert not mistakes, mistakes
    return bookings, time.process_time() - began


def _asked(bookings: Bookings) -> Mapping[str, object]:
    return {room: calendar.between(NOW, NOW + DAY) for room, calendar in bookings.calendars.items()}


def _question(bookings: Bookings) -> float:
    began = time.perf_counter()
    _asked(bookings)
    return time.perf_counter() - began
