"""The truth in a file, and a whole simulation in a folder: what happened beside what the sensors said."""

import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from simulator.bookings import bookings, write_calendars, write_outcomes
from simulator.recording import Header, Message, Recorder
from simulator.sensors import said_between
from simulator.week import Presence, presences
from spaces.bookings import FOLDER
from spaces.calendar import local_days
from spaces.mistakes import FileError, Mistake
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.site import Site
from spaces.times import DAY, Millis, parse_instant, rfc3339

COLUMNS = ("space", "start", "end", "people")
TRUTH = "truth.csv"
RECORDING = "readings.jsonl.gz"
OUTCOMES = "bookings.csv"


class TruthError(FileError):
    """A truth file cannot be read."""


def write_truth(path: Path, found: Iterable[Presence]) -> int:
    """Write presences as CSV with RFC 3339 times, and return how many."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for presence in found:
            rows.writerow((presence.space, rfc3339(presence.start), rfc3339(presence.end), presence.people))
            count += 1
    return count


def read_truth(path: Path) -> Iterator[Presence]:
    """Yield the presences of a truth file in its order.

    Raises:
        TruthError: naming the line that is wrong.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        if tuple(next(rows, ())) != COLUMNS:
            raise TruthError([Mistake(path, 1, f"the header is not {','.join(COLUMNS)}")])
        for row in rows:
            try:
                space, start, end, people = row
                yield Presence(space, parse_instant(start), parse_instant(end), int(people))
            except ValueError as error:
                raise TruthError([Mistake(path, rows.line_num, f"is no presence: {error}")]) from None


def truth(site: Site, seed: int, start: Millis, end: Millis) -> Iterator[Presence]:
    """Yield what truly happened in [start, end), cut to it, by day, space and time."""
    for day in local_days(site, start - DAY, end):
        for presence in presences(site, seed, day):
            begin, until = max(presence.start, start), min(presence.end, end)
            if begin < until:
                yield presence._replace(start=begin, end=until)


def write_simulation(  # noqa: PLR0913 - the options of a command
    site: Site, seed: int, start: Millis, end: Millis, folder: Path, *, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Write `readings.jsonl.gz`, as the sensors of [start, end) would publish them, and `truth.csv` beside it.

    The rooms' bookings on these days lie there too: `bookings/ROOM.ics`, and in `bookings.csv` what became of each.

    The folder is made where it is missing. `progress` is called with the messages of each day. Returns how many
    messages there are. The same arguments give the same bytes.

    Raises:
        RecordingError: where the recording cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    header = Header(site=site.id, zone=site.timezone, note=f"simulated with seed {seed}; truth in {TRUTH}")
    with Recorder(folder / RECORDING, header) as recorder:
        for batch in said_between(site, seed, start, end):
            for reading in batch:
                topic = state_topic(DEFAULT_PREFIX, site.id, reading.sensor)
                recorder.append(Message(reading.time, topic, encode_reading(reading)))
            progress(len(batch))
    write_truth(folder / TRUTH, truth(site, seed, start, end))
    days = local_days(site, start, end)
    booked = [one for day in days for one in bookings(site, seed, day)]
    if write_calendars(site, booked, folder / FOLDER):
        write_outcomes(folder / OUTCOMES, booked)
    return recorder.messages
