"""From a mapping file and a dump to a recording, or to a list of what is wrong and no recording."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from simulator.convert.account import Account
from simulator.convert.files import files_of
from simulator.convert.mapping import DumpMapping
from simulator.convert.mappingfile import load_mapping
from simulator.convert.names import Names
from simulator.convert.rows import DumpReader
from simulator.convert.series import Series
from simulator.convert.sorting import HELD, Sorter
from simulator.convert.streams import Said, Seats, Streams
from simulator.convert.values import UNKNOWN
from simulator.recording import Header, Message, Recorder
from spaces.mistakes import FileError, Mistake, did_you_mean
from spaces.native import DEFAULT_PREFIX, encode_reading, state_topic
from spaces.reading import Reading
from spaces.times import Millis

WRITE_EVERY = 10_000
"""Messages between two reports of progress while writing."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it and how much in all: "reading" in bytes, "writing" in values."""


class ConversionError(FileError):
    """A dump cannot be converted as it stands. `more` mistakes are not in `mistakes`; `account` tells of all rows."""

    def __init__(self, mistakes: Sequence[Mistake], account: Account) -> None:
        super().__init__(mistakes)
        self.account = account
        self.more = max(account.wrong - len(self.mistakes), 0)

    def __str__(self) -> str:
        rest = f"\n... and {self.more:,} more" if self.more else ""
        return super().__str__() + rest


@dataclass(frozen=True, slots=True)
class Conversion:
    """What became of a dump.

    `messages` were written, by `sensors`, from `first` to `last` (UTC ms); `gaps` of them came later than the mapping's
    interval after the one before (0 where it names none). `names` has the id of each name of the dump, and `seats`
    the changes of seats that it told. `account` tells of every row.
    """

    path: Path
    site: str
    zone: str
    sensors: tuple[str, ...]
    messages: int
    first: Millis
    last: Millis
    gaps: int
    names: Mapping[str, str]
    seats: Sequence[Seats]
    account: Account


def convert(  # noqa: PLR0913 - the options of a command
    mapping: Path,
    out: Path,
    *,
    data: Path | None = None,
    prefix: str = DEFAULT_PREFIX,
    skip_bad_rows: bool = False,
    held: int = HELD,
    progress: Progress = lambda _what, _done, _all: None,
) -> Conversion:
    """Convert the dump that a mapping file describes into a recording; `data` overrides where the dump lies.

    At most `held` values are in memory; beyond that they pass through a nameless file beside `out`.

    Raises:
        MappingError: with everything that is wrong with the mapping file.
        ConversionError: with what is wrong with the dump: every wrong row unless they are skipped.
        RecordingError: where `out` cannot be written.
    """
    what, account = load_mapping(mapping, data), Account()
    with closing(Sorter(out.parent, held)) as sorter:
        reader = DumpReader(what, account, sorter, _bytes_of(what, progress))
        for source in what.sources:
            reader.read(source)
        series = reader.book.all()
        streams = Streams(series, what.zone, what.time.every, account)
        said = _Counted(_said(streams, sorter, progress))
        if account.wrong and not (skip_bad_rows and account.skippable):
            deque(said, maxlen=0)  # whatever contradicts is told as well
            raise ConversionError(account.mistakes, account)
        with Recorder(out, Header(site=what.site, zone=what.zone.key, note=what.note)) as recorder:
            for message in _messages(what.site, prefix, series, iter(said)):
                recorder.append(message)
            if account.wrong and not skip_bad_rows:
                raise ConversionError(account.mistakes, account)
            if not said.messages:
                raise ConversionError(_nothing(mapping, account), account)
    account.warnings += _unheard(mapping, what, reader.names, account)
    return Conversion(
        path=out,
        site=what.site,
        zone=what.zone.key,
        sensors=tuple(sorted({one.sensor for one in series})),
        messages=said.messages,
        first=said.first,
        last=said.last,
        gaps=streams.gaps,
        names=reader.names.ids,
        seats=streams.seats,
        account=account,
    )


def _unheard(mapping: Path, what: DumpMapping, names: Names, account: Account) -> Iterator[Mistake]:
    """Yield what the mapping says of things that the dump does not have, and files that came to nothing."""
    for source in what.sources:
        for name in source.names.ids:
            if name not in names.ids:
                yield Mistake(mapping, 1, f"ids has {name!r}{did_you_mean(name, list(names.ids))[:200]}")
    for file in account.files:
        if not file.taken and not file.repeated:
            yield Mistake(file.file, 1, "nothing of this file is taken" if file.values else "this file has no rows")


def _nothing(mapping: Path, account: Account) -> Sequence[Mistake]:
    taken = "no row of them could be taken" if account.values else "there is no row in the files that it names"
    return [*account.mistakes, Mistake(mapping, 1, taken)]


def _bytes_of(what: DumpMapping, progress: Progress) -> Callable[[int], None]:
    total, done = 0, 0
    for source in what.sources:
        try:
            total += sum(file.stat().st_size for file in files_of(source.files))
        except (OSError, FileError):
            continue  # it is told when it is read

    def read(more: int) -> None:
        nonlocal done
        done += more
        progress("reading", done, total)

    return read


def _said(streams: Streams, sorter: Sorter, progress: Progress) -> Iterator[Said]:
    done, total = 0, len(sorter)
    for part in sorter.parts():
        for number, said in enumerate(streams.take(part)):
            yield said
            if number % WRITE_EVERY == 0:
                progress("writing", min(done + number, total), total)
        done += len(part)
        progress("writing", done, total)
    yield from streams.finish()


class _Counted:
    """Counts what is said, and notes from when to when."""

    def __init__(self, said: Iterator[Said]) -> None:
        self._said = said
        self.messages = 0
        self.first: Millis = 0
        self.last: Millis = 0

    def __iter__(self) -> Iterator[Said]:
        for said in self._said:
            self.first = said.time if not self.messages else self.first
            self.last = said.time
            self.messages += 1
            yield said


def _messages(site: str, prefix: str, series: Sequence[Series], said: Iterator[Said]) -> Iterator[Message]:
    topics = [state_topic(prefix, site, one.sensor) for one in series]
    for moment, which, value in said:
        yield Message(moment, topics[which], encode_reading(_reading(site, series[which], moment, value)))


def _reading(site: str, series: Series, moment: Millis, value: int) -> Reading:
    known = value if value != UNKNOWN else None
    if series.kind in ("occupied", "intervals"):
        return Reading(site, series.sensor, moment, moment, occupied=None if known is None else bool(known))
    return Reading(site, series.sensor, moment, moment, people=known)
