"""Data that both checkouts answer from, made once by the commands of the older one and kept in a folder of its own.

`demo` is the demo's house: the week of the clock change in spring, nothing for months, then 13 weeks over the change in
autumn, and bookings of its rooms. `sdu` is the real counts of docs/real-data.md. Each ends at a moment of its own, by
which everybody's clock stands.
"""

import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import NamedTuple

import urllib3

from benchmarks.compare.checkouts import HERE, Checkout
from tests.brokers import Mosquitto, free_port
from tests.programs import path_of

MOMENTS = {"demo": 1_761_745_032_000, "sdu": 1_487_770_632_000}
"""Wednesdays in use: 2025-10-29 14:37:12 in Berlin, 2017-02-22 14:37:12 in Odense."""
_SPANS = (("2025-03-27", "2025-04-02"), ("2025-07-28", str(MOMENTS["demo"])))
_BOOKED = (
    ("spree", "20250804T090000", "20250804T103000", "RRULE:FREQ=WEEKLY"),
    ("spree", "20250806T140000", "20250806T160000", "RRULE:FREQ=WEEKLY;INTERVAL=2"),
    ("havel", "20250731T110000", "20250731T113000", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR"),
    ("havel", "20251029T150000", "20251029T170000", "STATUS:CONFIRMED"),
    ("forum", "20251022T100000", "20251022T180000", "STATUS:CONFIRMED"),
    ("kotti", "20251029T141500", "20251029T151500", "STATUS:CONFIRMED"),
)
_PATIENCE = 600.0


class DataSet(NamedTuple):
    """A data folder with a store and roll-ups, the folder of its site file, and the moment that is now."""

    name: str
    folder: Path
    moment: int

    @property
    def sites(self) -> Path:
        """Where the site file lies."""
        return self.folder / "sites"

    def copied(self, to: Path) -> Path:
        """Copy store, roll-ups and site file into a new folder; return it."""
        for part in ("data", "sites"):
            shutil.copytree(self.folder / part, to / part)
        return to


def data_set(name: str, cache: Path, old: Checkout, sdu: Path) -> DataSet:
    """Return a data set, having made it unless the cache has it."""
    made = DataSet(name, cache / name, MOMENTS[name])
    if not (made.folder / "whole").exists():
        shutil.rmtree(made.folder, ignore_errors=True)
        made.folder.mkdir(parents=True)
        recordings = list(_simulated(old, made) if name == "demo" else _converted(old, made, sdu))
        _fill(old, made, recordings)
        old.roll(made.folder / "data", made.sites, made.moment)
        (made.folder / "whole").touch()
    return made


def _simulated(old: Checkout, made: DataSet) -> Iterator[Path]:
    shutil.copytree(old.folder / "simulator/betahaus", made.sites, ignore=shutil.ignore_patterns("*.py", "__*"))
    _book(made.sites / "bookings")
    for start, end in _SPANS:
        out = made.folder / f"from-{start}"
        begin = f"{start}T00:00:00Z"
        old.run(
            "simulate",
            "--from",
            begin,
            "--to",
            f"{end}T00:00:00Z" if "-" in end else end,
            "--out",
            str(out),
            cwd=out.parent,
        )
        yield next(out.glob("*.jsonl*"))


def _book(folder: Path) -> None:
    folder.mkdir()
    for room in {room for room, *_ in _BOOKED}:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ledig//compare//EN"]
        for number, (which, start, end, more) in enumerate(_BOOKED):
            if which == room:
                lines += ["BEGIN:VEVENT", f"UID:{number}", "DTSTAMP:20250701T000000Z"]
                lines += [f"DTSTART:{start}", f"DTEND:{end}", more, "END:VEVENT"]
        (folder / f"{room}.ics").write_text("\r\n".join([*lines, "END:VCALENDAR", ""]))


def _converted(old: Checkout, made: DataSet, sdu: Path) -> Iterator[Path]:
    shutil.copytree(old.folder / "docs/real-data/odense", made.sites)
    out = made.folder / "whole.jsonl.gz"
    old.run(
        "convert",
        str(old.folder / "docs/real-data/sdu.toml"),
        "--out",
        str(out),
        "--data",
        str(sdu.resolve()),
        cwd=made.folder,
    )
    until = made.folder / "until.jsonl.gz"
    with gzip.open(out, "rt") as lines, gzip.open(until, "wt") as kept:
        kept.writelines(line for line in lines if json.loads(line).get("at", 0) < made.moment)
    yield until


def _fill(old: Checkout, made: DataSet, recordings: Sequence[Path]) -> None:
    """Have a `ledig serve` of the older checkout take recordings in, through a broker."""
    program = path_of("mosquitto")
    assert program is not None, "mosquitto is not installed"
    broker = Mosquitto(program, made.folder, durable=False)
    broker.start()
    try:
        with serving(old, made.folder, broker.port) as url:
            sent = 0
            for recording in recordings:
                old.run(
                    "replay",
                    str(recording),
                    "--broker",
                    f"mqtt://127.0.0.1:{broker.port}",
                    "--into-live",
                    cwd=made.folder,
                )
                with gzip.open(recording, "rb") as lines:
                    sent += sum(1 for _ in lines) - 1
            settled(url, sent)
    finally:
        broker.stop()


@contextmanager
def serving(one: Checkout, folder: Path, broker: int, *, rollup_seconds: int = 0) -> Iterator[str]:
    """Run `ledig serve` over `data` and `sites` in a folder; give its address when it is ready."""
    url = f"http://127.0.0.1:{free_port()}"
    words = [
        "serve",
        "--data",
        "data",
        "--sites",
        "sites",
        "--broker",
        f"mqtt://127.0.0.1:{broker}",
        "--port",
        url[-5:],
    ]
    environment = {**one.environment, "LEDIG_ROLLUP_SECONDS": str(rollup_seconds)}
    with Popen(one.command(*words), cwd=folder, env=environment) as process:
        try:
            wait_for(lambda: process.poll() is not None or asked(url, "/readyz").status == 200)
            assert process.poll() is None, "ledig serve ended; why stands above"
            yield url
        finally:
            process.terminate()


def settled(url: str, messages: int) -> None:
    """Wait until a `ledig serve` has settled so many messages."""

    def all_of_them() -> bool:
        [row] = asked(url, "/v1/pipeline").json()["rows"]
        return bool(row["received"] >= messages and not row["in_flight"])

    wait_for(all_of_them)


def asked(url: str, path: str) -> urllib3.BaseHTTPResponse:
    """Return an answer, 503 where there is none (yet)."""
    try:
        return urllib3.request("GET", f"{url}{path}", retries=False, timeout=30.0)
    except urllib3.exceptions.HTTPError:
        return urllib3.HTTPResponse(status=503)


def wait_for(come: Callable[[], bool]) -> None:
    """Wait until something has come to pass."""
    deadline = time.monotonic() + _PATIENCE
    while not come():
        assert time.monotonic() < deadline, "it does not come to pass"
        time.sleep(0.1)


def chosen(names: Sequence[str], cache: Path, old: Checkout, sdu: Path | None) -> Iterator[DataSet]:
    """Yield the data sets asked for; where the real counts are not there they are left out, and that is said."""
    folder = sdu or HERE.parent / "shared/data/sdu"
    for name in names:
        if name == "sdu" and not folder.is_dir():
            print(f"sdu is left out: {folder} is not there (docs/real-data.md)", flush=True)
            continue
        yield data_set(name, cache, old, folder)
