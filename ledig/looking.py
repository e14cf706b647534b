"""Looking at what a store holds of a house, for commands that ask about its past: at one moment, until stopped."""

import threading
from collections.abc import Iterator

from tqdm import tqdm

from analytics.sizing.days import OpenDays
from analytics.spacestates import SpaceStates
from dashboards.answers.context import Context, Limits
from dashboards.answers.pools import read_states
from ledig.settings import Settings
from ledig.stopping import StoppedError
from spaces.site import Site
from spaces.times import Millis
from store.live import LiveStates
from store.protocol import Store

_WEEK = 7


def limits_of(settings: Settings) -> Limits:
    """Return what the settings let one answer cost."""
    return Limits(most_days=settings.most_days, most_rows=settings.most_rows, cached_mb=settings.cached_mb)


def context_at(settings: Settings, store: Store, moment: Millis) -> Context:
    """Return what answers are worked out from, by a clock that stands still.

    Raises:
        StoreError: the store cannot be read.
    """
    return Context.over(store, LiveStates(store, lambda: moment), lambda: moment, limits_of(settings))


def read_days(context: Context, site: Site, stop: threading.Event, days: OpenDays) -> Iterator[SpaceStates]:
    """Yield the states of open days, a week at a time, and show how far that is.

    Raises:
        StoppedError: somebody asked for it.
        StoreError: the store cannot be read.
    """
    with tqdm(desc="read", total=len(days), unit="day", leave=False, mininterval=0.5) as bar:
        parts = read_states(context, site, days, _WEEK)
        while not stop.is_set():
            states = next(parts, None)
            if states is None:
                return
            yield states
            bar.update(min(_WEEK, len(days) - bar.n))
    raise StoppedError
