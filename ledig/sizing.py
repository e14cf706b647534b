"""`ledig size`: how many desks a house needs, by what was measured in it."""

import csv
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import get_args

import msgspec

from analytics.sizing.demand import Pool, pool_of
from analytics.sizing.history import History
from analytics.sizing.sizing import Sizing, size
from analytics.sizing.told import COLUMNS, DEFINITION, frame, rows, summary, why_nothing
from dashboards.answers.pools import measure_pools, why_hidden
from dashboards.answers.sizing import WEEKS
from ledig.arguments import add_one_site, day
from ledig.clock import wall_clock
from ledig.extent import extent_of
from ledig.looking import context_at, read_days
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import one_site
from ledig.sizingtext import report
from ledig.stopping import StoppedError, say, stopped
from ledig.stores import store_to_read
from spaces.site import Site, Space
from spaces.summary import counted
from spaces.times import Millis, rfc3339, to_datetime
from store.protocol import Store

POOLS: tuple[Pool, ...] = get_args(Pool)


def add_size(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig size`."""
    add_one_site(command)
    command.add_argument(
        "--pool", choices=POOLS, default="flexible", help="desks for whoever comes, or members' own (default: flexible)"
    )
    command.add_argument("--members", type=_members, metavar="N", help="for so many members of the pool (default: now)")
    command.add_argument(
        "--target", type=_target, default=1.0, metavar="DAYS",
        help="days a month on which somebody may be 15 minutes without a desk (default: 1)",
    )  # fmt: skip
    command.add_argument(
        "--from", dest="first", type=day, metavar="DAY", help=f"first day (default: {WEEKS} weeks back)"
    )
    command.add_argument("--to", dest="end", type=day, metavar="DAY", help="the first day after the last")
    command.add_argument(
        "--format", choices=("text", "json", "csv"), default="text", help="json: everything; csv: the curve alone"
    )


def size_house(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Print the shortage curve of a pool and what follows from it; return the exit status.

    Raises:
        CommandError: there is nothing to size, with why.
        StoreError: the store cannot be read.
    """
    site = one_site(settings, arguments.site)
    pools = _pools(site, arguments.pool)
    with store_to_read(settings) as store:
        window, now = _window(site, store, arguments)
        context = context_at(settings, store, now)
        try:
            found = measure_pools(site, pools, window, partial(read_days, context, site, stop))
        except StoppedError:
            return stopped("nothing was kept")
    sized = _sized(found[arguments.pool], arguments.members)
    others = {pool: size(known) for pool, known in found.items() if why_nothing(known) is None}
    _print(site, sized, others, arguments)
    return 0


def _pools(site: Site, asked: Pool) -> dict[Pool, list[Space]]:
    """Return the desks of the pools that may be shown.

    Raises:
        CommandError: the one that is asked for has none, or may not be shown.
    """
    found = {pool: pool_of(site, pool) for pool in POOLS}
    if not found[asked]:
        raise CommandError(f"{site.id} has no {asked} desks with a sensor; the site file says what is there")
    hidden = {pool: why_hidden(site, pool, desks) for pool, desks in found.items()}
    if why := hidden[asked]:
        raise CommandError(f"{asked} desks of {site.id} are not shown: {why}")
    return {pool: desks for pool, desks in found.items() if desks and hidden[pool] is None}


def _window(site: Site, store: Store, arguments: Namespace) -> tuple[tuple[Millis, Millis], Millis]:
    """Return the whole local days asked for, and a moment at which they and all readings are past.

    Unless told otherwise they end with the last day that readings reach.
    A reading holds until its sensor's silence limit, but not into the future; a demo's clock may run ahead of ours.
    """
    extent = extent_of(site, store)
    if extent is None:
        raise CommandError(f"the store has no readings of {site.id}")
    reached = min(extent.last + site.longest_silence, max(wall_clock(), extent.last + 1))
    last = _local(site, reached) if arguments.end is None else min(arguments.end, _local(site, reached))
    first = arguments.first or max(last - timedelta(weeks=WEEKS), _local(site, extent.first))
    if first >= last:
        there = f"readings of {site.id} are from {rfc3339(extent.first)} to {rfc3339(extent.last)}"
        raise CommandError(f"no whole day lies between {first} and {last}; {there}")
    return (site.midnight(first), site.midnight(last)), max(extent.last + 1, site.midnight(last))


def _local(site: Site, moment: Millis) -> date:
    return to_datetime(moment).astimezone(site.tz).date()


def _sized(known: History, members: int | None) -> Sizing:
    if (why := why_nothing(known)) == "closed":
        window = " and ".join(rfc3339(moment) for moment in known.window)
        raise CommandError(f"no {known.pool} desk was open for a whole day between {window}; see the calendar")
    if why is not None:
        out = "; ".join(f"{one.day}: {one.reason}" for one in known.left_out[-3:])
        raise CommandError(f"none of {counted(known.opened, 'open day')} is known well enough to be sized by ({out})")
    try:
        return size(known, members=members)
    except ValueError as error:
        raise CommandError(str(error)) from None


def _print(site: Site, sized: Sizing, others: Mapping[Pool, Sizing], arguments: Namespace) -> None:
    if arguments.format == "csv":
        writer = csv.DictWriter(sys.stdout, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "imputed": str(row["imputed"]).lower()} for row in rows(sized))
    elif arguments.format == "json":
        meta = {"site": site.id, "zone": site.timezone, "simulated": site.simulated, **_meta(sized, arguments.target)}
        meta["pools"] = [summary(other, arguments.target) | frame(other.history) for other in others.values()]
        say(msgspec.json.encode({"meta": meta, "rows": list(rows(sized))}).decode())
    else:
        for line in report(sized, others, arguments.target, simulated=site.simulated):
            say(line)


def _meta(sized: Sizing, target: float) -> dict[str, object]:
    start, end = sized.history.window
    return {
        "definition": DEFINITION,
        "window": {"from": rfc3339(start), "to": rfc3339(end)},
        "measure": "spaces",
        **frame(sized.history),
        **summary(sized, target),
    }


def _members(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise ArgumentTypeError(f"{text!r} is no number of members")
    return int(text)


def _target(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 31:
        raise ArgumentTypeError(f"{text!r} is no number of days a month")
    return days
