"""`ledig export`, `import`, `backup` and `restore`: readings out of a store, into a store, and safely beside it."""

import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from ledig.arguments import day
from ledig.foreign import import_bucket
from ledig.problem import USAGE, CommandError
from ledig.settings import Settings
from ledig.stopping import complain, say, stopped
from ledig.stores import HOLD, open_any_store
from spaces.summary import counted
from spaces.times import rfc3339
from store.embedded.backup import Contents
from store.embedded.holder import HeldStore
from store.moving.enclosed import count_enclosed
from store.moving.exporting import Export, site_days
from store.moving.importing import Import, Imported
from store.moving.journal import Journal
from store.moving.manifest import MANIFEST, Part, SiteDay, read_manifest
from store.moving.problem import MoveError
from store.moving.restoring import back_up, restore
from store.opening import OwnStore, exists, through
from store.protocol import Store

JOURNAL = "imported-{store}.txt"
"""In the data folder: which files of exports the store has."""
_LOOK_EVERY = 0.1
_Answer = TypeVar("_Answer")


def add_export(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig export`."""
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder for files and manifest")
    _add_selection(command)


def add_import(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig import`."""
    sources = command.add_mutually_exclusive_group(required=True)
    sources.add_argument("folder", type=Path, nargs="?", metavar="FOLDER", help="what ledig export wrote")
    sources.add_argument(
        "--influx", type=Path, metavar="MAPPING", help="or: what your own InfluxDB bucket means (docs/moving.md)"
    )
    _add_selection(command)


def add_backup(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig backup`."""
    command.add_argument("--out", type=Path, required=True, metavar="FILE", help="new file for the back-up")


def add_restore(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig restore`."""
    command.add_argument("file", type=Path, metavar="FILE", help="what ledig backup wrote")


def _add_selection(command: ArgumentParser) -> None:
    command.add_argument("--site", action="append", metavar="SITE", help="only this one; may be repeated")
    command.add_argument("--from", dest="first", type=day, metavar="DAY", help="first UTC day, such as 2026-05-04")
    command.add_argument("--to", dest="end", type=day, metavar="DAY", help="the first UTC day after the last")


def export_readings(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Write a store's readings into a folder; return the exit status.

    Raises:
        CommandError: there is no store, or no such site, or the folder is another store's.
        StoreError: the store cannot be read.
    """
    _check_window(arguments)
    if settings.store == "embedded":
        _check_there_is_one(settings)
    with _store(settings) as store, _moving():
        sites = _chosen(arguments.site, store.sites(), "the store")
        days = site_days(store, sites, arguments.first, arguments.end)
        with tqdm(desc="exported", unit="d", leave=False, mininterval=0.5) as bar:

            def show(done: int, whole: int, read: int) -> None:
                bar.total = whole
                bar.set_postfix_str(counted(read, "reading", ","), refresh=False)
                bar.update(done - bar.n)

            done = Export(store, arguments.out, stop, show).run(days)
    say(
        f"{arguments.out} has {counted(done.readings, 'reading', ',')} of {', '.join(sites) or 'no site'};"
        f" files written: {done.written}, unchanged: {done.unchanged}"
    )
    return stopped("the same command goes on from here") if done.stopped else 0


def import_readings(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Bring an export into a store and read it back; return the exit status.

    Raises:
        CommandError: there is no export, files of it are damaged, or the store does not hold what it should.
        StoreError: the store takes nothing, or cannot be read.
    """
    _check_window(arguments)
    if arguments.influx:
        return _import_bucket(arguments, settings, stop)
    with _moving():
        parts = _parts(arguments)
        with _store(settings) as store:
            _tell_of_others(store, parts)
            journal = Journal(settings.data / JOURNAL.format(store=settings.store))
            settle = HOLD if settings.store == "victoriametrics" else 0.0
            with _bars(sum(part.count for part in parts)) as show:
                done = Import(arguments.folder, store, journal, stop, settle=settle, progress=show).run(parts)
    return _report(done, parts)


def _import_bucket(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    if arguments.site or arguments.first or arguments.end:
        raise CommandError(f"--site, --from and --to go into {arguments.influx}, as site, from and to")
    with _store(settings) as store, _bars(None) as show:
        return import_bucket(arguments.influx, settings, store, stop, show)


def back_up_store(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Copy the embedded store while it runs; return the exit status.

    Raises:
        CommandError: there is no store, or the file exists.
        StoreError: it cannot be written.
    """
    if settings.store != "embedded":
        raise CommandError(
            f"backs up the embedded store; {settings.store} has tools of its own, and ledig export is for any"
        )
    _check_there_is_one(settings)
    with _store(settings) as store, _moving():
        assert isinstance(store, OwnStore | HeldStore)
        found = _until_stopped(
            partial(back_up, store.back_up, arguments.out, settings.data), store.interrupt_back_up, stop
        )
    if found is None:
        return stopped("nothing is left of it")
    say(f"{arguments.out} holds {_told(found, count_enclosed(arguments.out))}")
    return 0


def restore_store(arguments: Namespace, settings: Settings) -> int:
    """Bring a back-up into a fresh data folder; return the exit status.

    Raises:
        CommandError: the folder has a store.
        StoreError: the file is no back-up.
    """
    with _moving():
        found = restore(arguments.file, settings.data)
    say(f"{settings.data} holds {_told(found, count_enclosed(arguments.file))}")
    return 0


def _parts(arguments: Namespace) -> list[Part]:
    manifest = read_manifest(arguments.folder)
    if not manifest:
        raise CommandError(
            f"{arguments.folder} has no {MANIFEST}, which ledig export writes; name the folder of an export"
        )
    sites = _chosen(arguments.site, sorted({key.site for key in manifest}), f"the export in {arguments.folder}")
    return [part for key, part in manifest.items() if key.site in sites and _is_within(key, arguments)]


def _report(done: Imported, parts: Sequence[Part]) -> int:
    say(
        f"readings stored: {done.stored:,}, there already: {done.duplicate:,};"
        f" files imported: {done.files}, by an earlier run: {done.finished}"
    )
    if done.stopped:
        return stopped("the same command goes on from here, and verifies everything at the end")
    say(f"files read back, and found as the manifest says: {done.verified} of {len(parts)}")
    for text in done.damaged:
        complain(text)
    for difference in done.differences:
        complain(str(difference))
    if done.damaged:
        complain(f"files left out: {len(done.damaged)}; export them again, and import once more")
    return USAGE if done.damaged or done.differences else 0


def _tell_of_others(store: Store, parts: Sequence[Part]) -> None:
    for site in sorted({part.site for part in parts}):
        if extent := store.extent(site):
            say(
                f"the store has readings of {site} already, {rfc3339(extent.first)} to {rfc3339(extent.last)};"
                " those of the same sensor and time are merged"
            )


def _until_stopped(work: Callable[[], _Answer], interrupt: Callable[[], None], stop: threading.Event) -> _Answer | None:
    """Do work in a thread, so that Ctrl-C is heard, and interrupt it then; None where it was."""
    answers: list[_Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="backup", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_EVERY)
        if stop.is_set() and thread.is_alive():
            interrupt()
    if errors and not stop.is_set():
        raise errors[0]
    return answers[0] if answers else None


def _told(found: Contents, files: int) -> str:
    beside = f"; files beside it: {files}" if files else ""
    if found.first is None or found.last is None:
        return f"a store without readings{beside}"
    rows = f"{counted(found.rows, 'row', ',')} of {counted(found.sensors, 'sensor')} of {', '.join(found.sites)}"
    return f"{rows}, {rfc3339(found.first)} to {rfc3339(found.last)}{beside}"


@contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    with closing(open_any_store(settings)) as store:
        if held := through(store):
            say(held)
        yield store


@contextmanager
def _moving() -> Iterator[None]:
    try:
        yield
    except MoveError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _bars(whole: int | None) -> Iterator[Callable[[str, int], None]]:
    bars = {
        name: tqdm(desc=name, total=whole, unit="", unit_scale=True, leave=False, mininterval=0.5, position=position)
        for position, name in enumerate(("imported", "verified"))
    }
    try:
        yield lambda what, more: bars[what].update(more) and None
    finally:
        for bar in reversed(bars.values()):
            bar.close()


def _check_there_is_one(settings: Settings) -> None:
    if not exists(settings.data):
        raise CommandError(f"there is no store in {settings.data}; name its folder with --data")


def _chosen(asked: Sequence[str] | None, there: Sequence[str], what: str) -> Sequence[str]:
    for site in asked or ():
        if site not in there:
            raise CommandError(f"{what} has no site {site!r}; it has {', '.join(there) or 'none'}")
    return list(dict.fromkeys(asked)) if asked else there


def _is_within(key: SiteDay, arguments: Namespace) -> bool:
    return (arguments.first or key.day) <= key.day and (arguments.end is None or key.day < arguments.end)


def _check_window(arguments: Namespace) -> None:
    if arguments.first and arguments.end and arguments.first >= arguments.end:
        raise CommandError("--from must be before --to")
