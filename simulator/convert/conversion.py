"""From a mapping file and a dump to a recording, or to a list of what is wrong and no recording."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.convert.columns import Clash, Columns, Ordered
from simulator.convert.mapping import DumpMapping, load_mapping
from simulator.convert.rows import UNKNOWN, Row, RowReader
from simulator.recording import Header, Message, Recorder
from spaces.mistakes import FileError, Mistake
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from spaces.times import Millis

MOST_NAMED = 20
"""So many mistakes of a dump are named; the rest is counted."""
WRITE_EVERY = 10_000
"""Messages between two reports of progress while writing."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it and how much in all: "reading" in bytes, "writing" in messages."""


class ConversionError(FileError):
    """A dump cannot be converted as it stands. `more` mistakes are not in `mistakes`."""

    def __init__(self, mistakes: Sequence[Mistake], more: int = 0) -> None:
        super().__init__(mistakes)
        self.more = more

    def __str__(self) -> str:
        rest = f"\n... and {self.more:,} more" if self.more else ""
        return super().__str__() + rest


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a dump.

    `messages` were written, by `sensors`, from `first` to `last` (UTC ms). `skipped` rows were wrong, `repeated` ones
    said what an earlier row had said; `gaps` rows came later than the mapping's interval after the one before
    (0 where it names none). `mistakes` names the first of the skipped rows.
    """

    path: Path
    site: str
    sensors: tuple[str, ...]
    messages: int
    first: Millis
    last: Millis
    skipped: int
    repeated: int
    gaps: int
    mistakes: tuple[Mistake, ...]


def convert(  # noqa: PLR0913 - the options of a command
    mapping: Path,
    out: Path,
    *,
    data: Path | None = None,
    prefix: str = DEFAULT_PREFIX,
    skip_bad_rows: bool = False,
    progress: Progress = lambda _what, _done, _all: None,
) -> Conversion:
    """Convert the dump that a mapping file describes into a recording; `data` overrides where the dump lies.

    Raises:
        MappingError: with everything that is wrong with the mapping file.
        ConversionError: with what is wrong with the dump: every wrong row unless they are skipped.
        RecordingError: where `out` cannot be written.
    """
    what = load_mapping(mapping, data)
    found = _Mistakes()
    columns = _read(what, found, progress)
    rows = columns.in_order()
    for clash in rows.clashes:
        found.note(_contradiction(what, clash))
    if found.count and not (skip_bad_rows and found.only_rows):
        raise ConversionError(found.first, found.count - len(found.first))
    if not len(rows):
        raise ConversionError([Mistake(mapping, 1, "there is no row in the files that it names")])
    with Recorder(out, Header(site=what.site, zone=what.zone.key, note=what.note)) as recorder:
        for message in _messages(what.site, prefix, tuple(columns.series), rows):
            recorder.append(message)
            if recorder.messages % WRITE_EVERY == 0:
                progress("writing", recorder.messages, len(rows))
    progress("writing", len(rows), len(rows))
    return Conversion(
        path=out,
        site=what.site,
        sensors=tuple(sorted({sensor for sensor, _ in columns.series})),
        messages=len(rows),
        first=int(rows.time[0]),
        last=int(rows.time[-1]),
        skipped=found.count,
        repeated=rows.repeated,
        gaps=rows.gaps(what.time.every) if what.time.every else 0,
        mistakes=tuple(found.first),
    )


class _Mistakes:
    """Mistakes of a dump: the first few, and how many in all. Those of rows can be skipped, those of files cannot."""

    def __init__(self) -> None:
        self.first: list[Mistake] = []
        self.count = 0
        self.only_rows = True

    def note(self, mistake: Mistake) -> None:
        self.count += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(mistake)

    def note_file(self, error: FileError) -> None:
        self.only_rows = False
        for mistake in error.mistakes:
            self.note(mistake)


def _read(what: DumpMapping, found: _Mistakes, progress: Progress) -> Columns:
    total = sum(source.file.stat().st_size for source in what.sources if source.file.exists())
    done = 0

    def read(more: int) -> None:
        nonlocal done
        done += more
        progress("reading", done, total)

    columns = Columns()
    reader = RowReader(what.time, what.zone, read)
    for index, source in enumerate(what.sources):
        try:
            for row in reader.rows(source):
                if isinstance(row, Row):
                    columns.add(index, source.values, row)
                else:
                    found.note(row)
        except FileError as error:
            found.note_file(error)
    return columns


def _contradiction(what: DumpMapping, clash: Clash) -> Mistake:
    (first_source, first_line), (source, line) = clash.first, clash.later
    earlier = f"{what.sources[first_source].file.name}:{first_line}"
    return Mistake(what.sources[source].file, line, f"contradicts {earlier}: the same sensor at the same moment")


def _messages(site: str, prefix: str, series: Sequence[tuple[str, str]], rows: Ordered) -> Iterator[Message]:
    topics = [state_topic(prefix, site, sensor) for sensor, _ in series]
    for chunk in rows.chunks(WRITE_EVERY):
        for moment, which, value in chunk:
            sensor, values = series[which]
            yield Message(moment, topics[which], encode_reading(_reading(site, sensor, moment, values, value)))


def _reading(site: str, sensor: str, moment: Millis, values: str, value: int) -> Reading:
    people = value if values == "people" and value != UNKNOWN else None
    occupied = bool(value) if values == "occupied" and value != UNKNOWN else None
    return Reading(site, sensor, moment, moment, occupied=occupied, people=people)
