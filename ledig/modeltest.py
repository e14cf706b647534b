"""`ledig size --back-test`: how the models of scenarios did on a house with history."""

import csv
import sys
import threading
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import msgspec
import numpy as np

from analytics.queues.backtest import TARGET, Measured, ModelError, back_test
from analytics.queues.crowd import people_stays
from analytics.queues.models import MEASURES
from analytics.sizing.days import open_days
from analytics.sizing.demand import Pool, Stays, pool_of
from analytics.sizing.history import LEAST_KNOWN
from dashboards.answers.pools import ReadStates, measure_pools, why_hidden
from ledig.extent import extent_of
from ledig.looking import context_at, read_days
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import one_site
from ledig.stopping import StoppedError, say, stopped
from ledig.stores import store_to_read
from ledig.tables import lines
from spaces.site import Site, Space
from spaces.summary import counted
from spaces.times import Millis, to_datetime
from store.protocol import Store


def add_back_test(command: ArgumentParser) -> None:
    """Describe the argument of `ledig size --back-test`."""
    command.add_argument(
        "--back-test",
        action="store_true",
        help="fit the models of --scenario on the first half of the history, and hold them against the second",
    )


def models_tested(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Print how each model did; return the exit status.

    Raises:
        CommandError: there is too little history, or it may not be shown, with why.
        StoreError: the store cannot be read.
    """
    site = one_site(settings, arguments.site)
    with store_to_read(settings) as store:
        look = _Look.at(site, store, arguments.pool)
        read = partial(read_days, context_at(settings, store, look.window[1]), site, stop)
        try:
            measured, what = look.desks(read, arguments.members) if look.pool else look.people(read, arguments)
        except StoppedError:
            return stopped("nothing was kept")
    try:
        errors = back_test(measured)
    except ValueError as error:
        raise CommandError(f"the history of {site.id} cannot be halved: {error}") from None
    _print(site, measured, what, errors, arguments.format)
    return 0


@dataclass(frozen=True)
class _Look:
    """A look at what a store knows of a pool of desks, or (`pool` is None) of rooms whose people are counted."""

    site: Site
    pool: Pool | None
    spaces: list[Space]
    window: tuple[Millis, Millis]

    @classmethod
    def at(cls, site: Site, store: Store, pool: Pool) -> "_Look":
        """Look at a pool, or at all that is no desk where it has none.

        Raises:
            CommandError: there are no readings, or the pool is not shown.
        """
        desks = pool_of(site, pool)
        if why := why_hidden(site, pool, desks):
            raise CommandError(f"{pool} desks of {site.id} are not shown: {why}")
        extent = extent_of(site, store)
        if extent is None:
            raise CommandError(f"the store has no readings of {site.id}")
        start = site.midnight(to_datetime(extent.first).astimezone(site.tz).date())
        heard = {entry.space for entry in site.sensors}
        rooms = [space for space in site.spaces if space.kind != "desk" and space.id in heard]
        return cls(site, pool if desks else None, desks or rooms, (start, extent.last + 1))

    def desks(self, read: ReadStates, asked: int | None) -> tuple[Measured, str]:
        """Return the stays at desks of the pool, and what they are; `asked` members, None for those there are."""
        assert self.pool is not None
        known = measure_pools(self.site, {self.pool: self.spaces}, self.window, read)[self.pool]
        members = known.members if asked is None else np.full(len(known.days), asked)
        if not members.all():
            raise CommandError(f"the site file names no {self.pool} members; say how many with --members")
        what = (
            f"stays at {counted(len(self.spaces), f'{self.pool} desk')}, {counted(int(np.median(members)), 'member')}"
        )
        return Measured.of(known.days, known.demand.stays, members), what

    def people(self, read: ReadStates, arguments: Namespace) -> tuple[Measured, str]:
        """Return the stays of people in rooms, and what they are: a seat is what a desk is elsewhere."""
        days = open_days(self.site, self.spaces, *self.window)
        found = [people_stays(states, self.spaces, days) for states in read(days)]
        if not found:
            raise CommandError(f"{self.site.id} has neither {arguments.pool} desks nor whole days of counted people")
        known = np.sum([share for _, share in found], axis=0) >= LEAST_KNOWN
        seats = sum(space.capacity_at(self.window[1]) for space in self.spaces)
        members = arguments.members or seats
        every = Measured.of(days, Stays.together(stays for stays, _ in found), np.full(len(days), members))
        rooms = f"{counted(len(self.spaces), 'room')} of {counted(seats, 'seat')}"
        what = f"people counted in {rooms}, taken for {counted(members, 'member')}"
        return every.only(known), f"{what}; who came first is taken to leave first"


def _print(site: Site, measured: Measured, what: str, errors: Sequence[ModelError], form: str) -> None:
    rows = [asdict(one) for one in errors]
    if form == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    elif form == "json":
        meta = {"site": site.id, "simulated": site.simulated, "history": what, "days": len(measured.weekday)}
        say(msgspec.json.encode({"meta": {**meta, "target": TARGET, "measures": MEASURES}, "rows": rows}).decode())
    else:
        for line in _report(site, measured, what, errors):
            say(line)


def _report(site: Site, measured: Measured, what: str, errors: Sequence[ModelError]) -> Iterator[str]:
    """Yield what is printed: a table a measure."""
    days = len(measured.weekday)
    if site.simulated:
        yield "Simulated: what the sensors of this site say is made up."
    yield f"{site.id}: {what}. Fitted on the first {days // 2} days, held against the other {days - days // 2}."
    for measure, meaning in MEASURES.items():
        yield ""
        yield f"{measure.replace('_', ' ').capitalize()}: {meaning}."
        header = [measure.replace("_", " "), "off by, desks", "too many, desks", f"desks for {TARGET:.0%}", "met"]
        yield from lines(header, [_row(one) for one in errors if one.measure == measure])
    yield ""
    yield (
        "off by: area between the model's curve over desks and that of the second half; too many: the same with its"
        f" sign. Desks: on the busiest weekday; met: what came to pass with what was asked for to keep {TARGET:.0%}."
    )


def _row(one: ModelError) -> list[str]:
    desks = "none" if one.desks is None else str(one.desks)
    return [one.model, f"{one.off:.2f}", f"{one.bias:+.2f}", desks, f"{one.met:.1%}"]
