"""`ledig forecast`: the next two weeks by the hour, when it is quiet, and how such forecasts did so far."""

import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from analytics.forecast import FEWEST_WEEKS, SHARE, HorizonScores, Score, back_test
from analytics.groups import Groups
from analytics.privacy.disclosure import policy_for
from dashboards.answers.answer import disclosed
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError
from dashboards.answers.forecast import CLOSED, DEFINITION, find_forecast
from dashboards.answers.forecasting import Forecasts, history, midnight
from dashboards.answers.selection import Filters, Grouping, members, select_groups
from ledig.arguments import add_one_site
from ledig.extent import extent_of
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.sites import one_site
from ledig.stopping import say, stopped
from ledig.stores import store_to_read
from ledig.tables import lines
from spaces.site import Assignment, Site
from spaces.summary import counted
from spaces.times import Millis, parse_instant, to_datetime
from store.live import LiveStates

_FILTERS = ("floor", "zone", "kind", "assignment", "space")


def add_forecast(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig forecast`."""
    add_one_site(command)
    for name in _FILTERS:
        command.add_argument(f"--{name}", metavar=name.upper(), help=f"only spaces of this {name}")
    command.add_argument(
        "--stay", type=_hours, default=3, metavar="HOURS", help="how long one means to stay (default: 3)"
    )
    command.add_argument(
        "--back-test",
        action="store_true",
        help="forecast every past day from what came before it, and say how that did beside the same hour last week",
    )


def forecast_house(arguments: Namespace, settings: Settings, stop: threading.Event) -> int:
    """Print the next two weeks after the last reading, or the back-test; return the exit status.

    Raises:
        CommandError: there is nothing to forecast from, or it may not be shown, with why.
        StoreError: the store cannot be read.
    """
    site = one_site(settings, arguments.site)
    with store_to_read(settings) as store:
        extent = extent_of(site, store)
        if extent is None:
            raise CommandError(f"the store has no readings of {site.id}")
        moment = extent.last + 1
        context = Context.over(store, LiveStates(store, lambda: moment), lambda: moment)
        try:
            grouping = select_groups(site, "site", _filters(arguments))
            if arguments.back_test:
                told = list(_back_test(context, site, grouping, stop))
            else:
                told = list(_forecast(context, site, grouping, arguments.stay))
        except AnswerError as error:
            raise CommandError(error.detail) from None
    if stop.is_set():
        return stopped("nothing was kept")
    if site.simulated:
        say("Simulated: what the sensors of this site say is made up.")
    for line in told:
        say(line)
    return 0


def _forecast(context: Context, site: Site, grouping: Grouping, stay: int) -> Iterator[str]:
    """Yield the forecast: the best times, then what is expected and what is exceeded one time in ten, by the hour."""
    answer = find_forecast(context, Forecasts(context), site, grouping, stay)
    rows = list(disclosed(answer))
    if reasons := {row["reason"] for row in rows if row["median"] is None and row["reason"] != CLOSED} - {"no data"}:
        raise CommandError(f"the forecast is not shown: {', '.join(sorted(reasons))}")
    yield DEFINITION
    yield ""
    yield f"Best times to come for {counted(stay, 'hour')}:"
    for best in answer.meta["best"]:
        yield f"  {_stretch(site, best)}: at most {_most(best)} of {best['capacity']:g} in use"
    if not answer.meta["best"]:
        yield f"  none: nowhere are {counted(stay, 'hour')} after one another open and known"
    for title, column in (("Expected in use", "median"), ("Fuller than this one time in ten", "hi")):
        if any(row[column] is not None for row in rows):
            yield ""
            yield f"{title}, by local hour:"
            yield from _by_day(site, rows, column)
        else:
            yield f"{title}: not told; it takes {FEWEST_WEEKS} weeks of history."


def _by_day(site: Site, rows: Sequence[Mapping[str, Any]], column: str) -> Iterator[str]:
    cells: dict[str, dict[int, str]] = {}
    for row in rows:
        local = _local(site, parse_instant(row["time"]))
        if row[column] is not None:
            cells.setdefault(f"{local:%a %d %b}", {})[local.hour] = f"{row[column]:.0f}"
    hours = sorted({hour for day in cells.values() for hour in day})
    header = ["day", *(f"{hour:02}" for hour in hours)]
    yield from lines(header, [[day, *(found.get(hour, "") for hour in hours)] for day, found in cells.items()])


def _stretch(site: Site, best: Mapping[str, Any]) -> str:
    begin, end = (_local(site, parse_instant(best[name])) for name in ("from", "to"))
    return f"{begin:%a %d %b %H:%M} to {end:%H:%M}"


def _most(best: Mapping[str, Any]) -> str:
    return f"{best['median']:.0f}" if best["hi"] is None else f"{best['hi']:.0f} ({best['median']:.0f} expected)"


def _back_test(context: Context, site: Site, grouping: Grouping, stop: threading.Event) -> Iterator[str]:
    """Yield how forecasts made on every day of the history did, by horizon, beside the same hour last week."""
    past = _past(context, site, grouping.groups, stop)
    if stop.is_set():
        return
    scores = back_test(past)
    if not any(one.hours for one in scores):
        weeks = past.shape[0] // 7
        raise CommandError(f"nothing can be tried: forecasts begin after {FEWEST_WEEKS} weeks, the history has {weeks}")
    yield (
        f"Forecasts made at each midnight of {past.shape[0] / 7:.0f} weeks from what lay before it, and what then came."
        f" Coverage is meant to be {SHARE:.0%}; of width, score and error less is better."
    )
    yield ""
    header = ["days ahead", "hours", "coverage", "width", "score", "error"]
    header += [f"last week: {name}" for name in header[2:]]
    yield from lines(header, [_row(one) for one in scores if one.hours])
    yield ""
    yield "score: the interval score; error: mean absolute error of the median, in spaces; last week: its same hour."


def _past(context: Context, site: Site, groups: Groups, stop: threading.Event) -> NDArray[np.float64]:
    """Return the whole history by local hours, shape (days, 24).

    Raises:
        CommandError: it may not be shown.
    """
    if why := policy_for(site, "group", members(site, groups)).hidden.get(groups.labels[0]):
        raise CommandError(f"the forecast is not shown: {why}")
    extent = extent_of(site, context.store)
    assert extent is not None
    start, end = midnight(site, extent.first, 0), midnight(site, extent.last, 0)
    parts = []
    with tqdm(desc="read", total=(end - start) // 86_400_000, unit="day", leave=False, mininterval=0.5) as bar:
        while start < end and not stop.is_set():
            until = min(midnight(site, start, 28), end)
            parts.append(history(context, site, groups, start, until)[0])
            start = until
            bar.update(len(parts[-1]))
    return np.concatenate([np.zeros((0, 24)), *parts])


def _row(one: HorizonScores) -> list[str]:
    assert one.ours is not None
    assert one.last_week is not None
    return [str(one.horizon), str(one.hours), *_cells(one.ours), *_cells(one.last_week)]


def _cells(score: Score) -> list[str]:
    return [f"{score.coverage:.1%}", f"{score.width:.1f}", f"{score.score:.1f}", f"{score.error:.2f}"]


def _filters(arguments: Namespace) -> Filters:
    if arguments.assignment not in {None, *get_args(Assignment)}:
        raise CommandError(f"--assignment {arguments.assignment}: Input should be 'fixed' or 'flexible'")
    return Filters(**{name: getattr(arguments, name) for name in _FILTERS})


def _local(site: Site, moment: Millis) -> datetime:
    return to_datetime(moment).astimezone(site.tz)


def _hours(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 12:
        raise ArgumentTypeError(f"{text!r} is no number of hours from 1 to 12")
    return int(text)
