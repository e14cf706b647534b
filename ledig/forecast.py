"""`ledig forecast`: the next two weeks by the hour, when it is quiet, and how such forecasts did so far."""

import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from tqdm import tqdm

from analytics.forecast import FEWEST_WEEKS, SHARE, HorizonScores, Score, back_test
from analytics.privacy.disclosure import policy_for
from dashboards.api.answers import disclosed
from dashboards.api.forecast import CLOSED, DEFINITION, ForecastQuery, find_forecast
from dashboards.api.forecasting import Forecasts, history, midnight
from dashboards.api.house import House, grouped, members
from dashboards.api.problems import Problem
from dashboards.api.rollups.answering import Figures
from dashboards.api.statecache import StateCache
from dashboards.settings import ApiSettings
from ledig.arguments import add_one_site
from ledig.onesite import one_site
from ledig.problem import CommandError
from ledig.settings import Settings
from ledig.stopping import say, stopped
from ledig.stores import store_to_read
from ledig.tables import lines
from spaces.site import Site
from spaces.times import Millis, parse_instant, to_datetime
from store.live import LiveStates
from store.protocol import Store

_FILTERS = ("floor", "zone", "kind", "assignment", "space")
_MEMORY = 128_000_000


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
        extent = store.extent(site.id)
        if extent is None:
            raise CommandError(f"the store has no readings of {site.id}")
        house, query = _house(store, site, extent.last + 1), _query(arguments)
        try:
            told = list((_tested if arguments.back_test else _told)(house, site, query, stop))
        except Problem as problem:
            raise CommandError(problem.detail) from None
    if stop.is_set():
        return stopped("nothing was kept")
    if site.simulated:
        say("Simulated: what the sensors of this site say is made up.")
    for line in told:
        say(line)
    return 0


def _told(house: House, site: Site, query: ForecastQuery, _stop: threading.Event) -> Iterator[str]:
    """Yield the forecast: the best times, then what is expected and what is exceeded one time in ten, by the hour."""
    answer = find_forecast(house, Forecasts(house), site.id, query)
    rows = disclosed(answer)
    if reasons := {row["reason"] for row in rows if row["median"] is None and row["reason"] != CLOSED} - {"no data"}:
        raise CommandError(f"the forecast is not shown: {', '.join(sorted(reasons))}")
    yield DEFINITION
    yield ""
    yield f"Best times to come for {query.stay} hours:"
    for best in answer.meta["best"]:
        yield f"  {_stretch(site, best)}: at most {_most(best)} of {best['capacity']:g} in use"
    if not answer.meta["best"]:
        yield f"  none: no {query.stay} hours after one another are open and known"
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


def _tested(house: House, site: Site, query: ForecastQuery, stop: threading.Event) -> Iterator[str]:
    """Yield how forecasts made on every day of the history did, by horizon, beside the same hour last week."""
    past = _past(house, site, query, stop)
    if stop.is_set():
        return
    found = back_test(past)
    if not any(one.hours for one in found):
        weeks = past.shape[0] // 7
        raise CommandError(f"nothing can be tried: forecasts begin after {FEWEST_WEEKS} weeks, the history has {weeks}")
    yield (
        f"Forecasts made at each midnight of {past.shape[0] / 7:.0f} weeks from what lay before it, and what then came."
        f" Coverage is meant to be {SHARE:.0%}; of width, score and error less is better."
    )
    yield ""
    header = ["days ahead", "hours", "coverage", "width", "score", "error"]
    header += [f"last week: {name}" for name in header[2:]]
    yield from lines(header, [_row(one) for one in found if one.hours])
    yield ""
    yield "score: the interval score; error: mean absolute error of the median, in spaces; last week: its same hour."


def _past(house: House, site: Site, query: ForecastQuery, stop: threading.Event) -> NDArray[np.float64]:
    """Return the whole history by local hours, shape (days, 24).

    Raises:
        CommandError: it may not be shown.
    """
    groups = grouped(site, "site", query)
    if why := policy_for(site, "group", members(site, groups)).hidden.get(groups.labels[0]):
        raise CommandError(f"the forecast is not shown: {why}")
    extent = house.store.extent(site.id)
    assert extent is not None
    start, end = midnight(site, extent.first, 0), midnight(site, extent.last, 0)
    parts = []
    with tqdm(desc="read", total=(end - start) // 86_400_000, unit="day", leave=False, mininterval=0.5) as bar:
        while start < end and not stop.is_set():
            until = min(midnight(site, start, 28), end)
            parts.append(history(house, site, groups, start, until)[0])
            start = until
            bar.update(len(parts[-1]))
    return np.concatenate([np.zeros((0, 24)), *parts])


def _row(one: HorizonScores) -> list[str]:
    assert one.ours is not None
    assert one.last_week is not None
    return [str(one.horizon), str(one.hours), *_cells(one.ours), *_cells(one.last_week)]


def _cells(score: Score) -> list[str]:
    return [f"{score.coverage:.1%}", f"{score.width:.1f}", f"{score.score:.1f}", f"{score.error:.2f}"]


def _house(store: Store, site: Site, now: Millis) -> House:
    live = LiveStates(store)
    states = StateCache(store, live, most_bytes=_MEMORY)
    return House(
        settings=ApiSettings(),
        store=store,
        live=live,
        sites=lambda: {site.id: site},
        now=lambda: now,
        states=states,
        figures=Figures(states, None),
    )


def _query(arguments: Namespace) -> ForecastQuery:
    given = {name: getattr(arguments, name) for name in _FILTERS if getattr(arguments, name) is not None}
    try:
        return ForecastQuery(stay=arguments.stay, **given)
    except ValidationError as error:
        (wrong, *_) = error.errors()
        raise CommandError(f"--{wrong['loc'][0]} {wrong['input']}: {wrong['msg']}") from None


def _local(site: Site, moment: Millis) -> datetime:
    return to_datetime(moment).astimezone(site.tz)


def _hours(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 12:
        raise ArgumentTypeError(f"{text!r} is no number of hours from 1 to 12")
    return int(text)
