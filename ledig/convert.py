"""`ledig convert`: others' files turned into a recording, and every row of them accounted for."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from tqdm import tqdm

from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.stopping import complain, say
from simulator.convert import Conversion, ConversionError, Seats, convert
from spaces.mistakes import Mistake
from spaces.summary import counted
from spaces.times import rfc3339, to_datetime

_MOST_SHOWN = 200
"""Names shown one by one; all of them are in the JSON."""


def add_convert(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig convert`."""
    command.add_argument("mapping", type=Path, help="mapping file: what the columns mean (docs/convert.md)")
    command.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="recording to write, .jsonl or .jsonl.gz"
    )
    command.add_argument(
        "--data", dest="dump", type=Path, metavar="FOLDER", help="where the dump lies, if not where the mapping says"
    )
    command.add_argument(
        "--skip-bad-rows", action="store_true", help="go on without rows that are wrong, and count them"
    )
    command.add_argument(
        "--capacities", type=Path, metavar="FILE", help="write the seats that the dump tells as rows for site.toml"
    )
    command.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="how the account of all rows is printed: taken, repeated, left out and why",
    )


def convert_dump(arguments: Namespace, settings: Settings) -> int:
    """Turn a dump into a recording.

    Raises:
        FileError: with what is wrong with the mapping or the dump; nothing is written then.
        CommandError: the seats cannot be written.
    """
    try:
        done = _converted(arguments, settings)
    except ConversionError as error:
        lines = [*error.account.lines(), "no recording is written"]
        _print(arguments.format, lines, {"recording": None, **error.account.json()})
        _warn(error.account.warnings)
        raise
    _print(arguments.format, list(_lines(done)), _json(done))
    _warn([*done.account.warnings, *done.account.mistakes])
    if more := done.account.wrong - len(done.account.mistakes):
        complain(f"... and {more:,} more")
    if arguments.capacities:
        _write_seats(arguments.capacities, done)
    return 0


def _converted(arguments: Namespace, settings: Settings) -> Conversion:
    with tqdm(desc="rows", unit="", unit_scale=True, leave=False, mininterval=0.5) as bar:

        def show(what: str, done: int, whole: int) -> None:
            bar.set_description(what, refresh=False)
            bar.total = whole
            bar.update(done - bar.n)

        return convert(
            arguments.mapping,
            arguments.out,
            data=arguments.dump,
            prefix=settings.prefix,
            skip_bad_rows=arguments.skip_bad_rows,
            progress=show,
        )


def _warn(mistakes: Sequence[Mistake]) -> None:
    for mistake in mistakes:
        complain(str(mistake))


def _print(shape: str, lines: Sequence[str], numbers: dict[str, Any]) -> None:
    say(msgspec.json.encode(numbers).decode() if shape == "json" else "\n".join(lines))


def _lines(done: Conversion) -> Iterator[str]:
    yield (
        f"{counted(done.messages, 'message', ',')} of {counted(len(done.sensors), 'sensor', ',')} of {done.site},"
        f" {rfc3339(done.first)} to {rfc3339(done.last)}, in {done.path}"
    )
    yield from done.account.lines()
    if done.gaps:
        yield f"  gaps longer than the mapping's interval: {done.gaps:,}"
    renamed = [(name, sensor) for name, sensor in done.names.items() if name != sensor]
    if renamed:
        yield "names that became ids:"
        yield from (f"  {name} -> {sensor}" for name, sensor in renamed[:_MOST_SHOWN])
    if len(renamed) > _MOST_SHOWN:
        yield f"  ... and {len(renamed) - _MOST_SHOWN:,} more; --format json has all of them"
    if done.seats:
        told = len({one.sensor for one in done.seats})
        yield f"seats of {counted(told, 'sensor', ',')}; --capacities FILE writes them as rows for site.toml:"
        yield from (f"  {one.sensor}: {one.seats} from {_day(one, done)}" for one in done.seats[:_MOST_SHOWN])


def _json(done: Conversion) -> dict[str, Any]:
    return {
        "recording": str(done.path),
        "site": done.site,
        "messages": done.messages,
        "sensors": done.sensors,
        "first": rfc3339(done.first),
        "last": rfc3339(done.last),
        "gaps": done.gaps,
        "names": done.names,
        "seats": [{"sensor": one.sensor, "from": _day(one, done), "seats": one.seats} for one in done.seats],
        **done.account.json(),
    }


def _write_seats(path: Path, done: Conversion) -> None:
    """Write a row for each day on which the seats of a sensor's place change; the last number of a day counts."""
    if not done.seats:
        raise CommandError("--capacities: the mapping names no capacity_column, so the dump tells no seats")
    days = {(one.sensor, _day(one, done)): one.seats for one in done.seats}
    rows = [
        f'[[capacity]]\nspace = "{sensor}"\nfrom = {day}\nseats = {seats}\n'
        for (sensor, day), seats in sorted(days.items())
    ]
    head = "# Seats as the dump tells them, for site.toml. Each space is taken to have its sensor's id: put yours.\n\n"
    try:
        path.write_text(head + "\n".join(rows), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--capacities: {path} cannot be written: {error.strerror}") from None


def _day(seats: Seats, done: Conversion) -> str:
    return to_datetime(seats.since).astimezone(ZoneInfo(done.zone)).date().isoformat()
