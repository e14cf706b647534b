"""Figures over a window: from roll-ups where they hold and answer the question, else from states; equal either way."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analytics.availability import AvailabilityFigures, availability
from analytics.buckets import edges as local_edges
from analytics.groups import Groups
from analytics.heatmap import HeatFigures, HeatSums, heatmap
from analytics.heatmap import figures_of as heat_figures
from analytics.levels import Measure
from analytics.peaks import PeakFigures, peaks
from analytics.rollup import figures as rolled_figures
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError
from analytics.rollup.rolled import GROUPED, Rolled, Whole
from analytics.rollup.usage import usage_sums
from analytics.spacestates import SpaceStates, no_states
from analytics.utilisation import UtilisationFigures, ratio, utilisation
from dashboards.answers.statecache import StateCache
from dashboards.rollups.joining import Joined, Question
from dashboards.rollups.memory import GoneError
from dashboards.rollups.source import Rollups
from dashboards.rollups.translation import Want
from spaces.site import Site
from spaces.times import Millis
from store.rollups import Damaged

Found = TypeVar("Found")
Shares = NDArray[np.float64]
Window = tuple[Millis, Millis]
_TIMES = ("occupied", "unknown")
_CROWDS = ("peak", "peak_at", "peak_upper")
_OF_CROWDS = ("people_peak", "people_peak_at", "people_upper", "idle_at")
_USE = Want((), tuple(name for name in GROUPED if name not in {*_CROWDS, *_OF_CROWDS}))
_HEAT = Want((), _TIMES)
_SPACES = Want((), (), _TIMES)
_LEFT = Want((), _TIMES, levels=True)
_PEAKS = Want((), (*_TIMES, *_CROWDS), runs=True)
_PEAKS_OF_PEOPLE = Want((), (*_USE.grouped, *_OF_CROWDS), runs=True)
"""What each figure is made of, of any cohorts."""


class FigureSource:
    """The figures that dashboards show of a site, each over the part of its window that is past.

    Every method raises StoreError where the store cannot be read.
    """

    def __init__(self, states: StateCache, rollups: Rollups | None) -> None:
        self._states = states
        self._rollups = rollups
        self._joined = None if rollups is None else Joined(rollups)

    def utilisation(self, site: Site, window: Window, groups: Groups, edges: Whole, now: Millis) -> UtilisationFigures:
        """Return how much groups are used, bucket by bucket (`analytics.utilisation`)."""

        def rolled(layout: Layout, found: Rolled, edges: Whole) -> UtilisationFigures:
            return rolled_figures.utilisation(layout, found, groups, edges)

        def stated(states: SpaceStates) -> UtilisationFigures:
            return utilisation(site, states, groups, edges)

        return self._by_bucket(Question("utilisation", _USE, True, site, groups, now, rolled), window, edges, stated)

    def peaks(  # noqa: PLR0913, PLR0917 - as the figure has them
        self, site: Site, window: Window, groups: Groups, edges: Whole, now: Millis, measure: Measure = "spaces"
    ) -> PeakFigures:
        """Return the most that were in use at once, bucket by bucket (`analytics.peaks`)."""
        people = measure == "people"

        def rolled(layout: Layout, found: Rolled, edges: Whole) -> PeakFigures:
            return rolled_figures.peaks(layout, found, groups, edges, measure)

        def stated(states: SpaceStates) -> PeakFigures:
            return peaks(site, states, groups, edges, measure)

        want = _PEAKS_OF_PEOPLE if people else _PEAKS
        question = Question(("peaks", measure), want, people, site, groups, now, rolled)
        return self._by_bucket(question, window, edges, stated)

    def availability(  # noqa: PLR0913, PLR0917 - as the figure has them
        self, site: Site, window: Window, groups: Groups, edges: Whole, now: Millis, measure: Measure = "spaces"
    ) -> AvailabilityFigures:
        """Return what was left, bucket by bucket (`analytics.availability`); of people from states alone."""

        def rolled(layout: Layout, found: Rolled, edges: Whole) -> AvailabilityFigures:
            return rolled_figures.availability(layout, found, groups, edges)

        def stated(states: SpaceStates) -> AvailabilityFigures:
            return availability(site, states, groups, edges, measure)

        if measure == "people":
            return self._stated(site, window, now, stated)
        return self._by_bucket(Question("availability", _LEFT, False, site, groups, now, rolled), window, edges, stated)

    def space_usage(  # noqa: PLR0913 - as the figure has them
        self, site: Site, window: Window, groups: Groups, edges: Whole, now: Millis, *, stated: Callable[[], Shares]
    ) -> Shares:
        """Return the share of spaces that hours saw in use (`analytics.spaceusage`), else what is `stated`."""
        fresh = self._rollups.over(site, *window, now) if self._rollups is not None else None
        hours = local_edges(site.tz, *window, "1h")
        if fresh is not None:
            try:
                return ratio(*usage_sums(fresh.layout, fresh.read_in_turn(_SPACES), groups, edges, hours))
            except (NotRolledUpError, Damaged, GoneError):
                pass
        return stated()

    def heatmap(self, site: Site, window: Window, groups: Groups, now: Millis) -> HeatFigures:
        """Return the week at a glance (`analytics.heatmap`)."""

        def rolled(layout: Layout, found: Rolled, _: Whole) -> HeatSums:
            return rolled_figures.heat_sums(layout, found, groups)

        question = Question("heatmap", _HEAT, False, site, groups, now, rolled)
        return self._either(
            lambda joined: heat_figures(joined.heat(question, *window)),
            lambda: self._stated(site, window, now, lambda states: heatmap(site, states, groups)),
        )

    def _by_bucket(
        self, question: Question[Found], window: Window, edges: Whole, stated: Callable[[SpaceStates], Found]
    ) -> Found:
        return self._either(
            lambda joined: joined.by_bucket(question, edges),
            lambda: self._stated(question.site, window, question.now, stated),
        )

    def _either(self, rolled: Callable[[Joined], Found], stated: Callable[[], Found]) -> Found:
        """Answer from roll-ups, or where they do not hold or do not tell, from states, which answer everything."""
        if self._joined is not None:
            with suppress(NotRolledUpError, Damaged, GoneError):
                return rolled(self._joined)
        return stated()

    def _stated(self, site: Site, window: Window, now: Millis, stated: Callable[[SpaceStates], Found]) -> Found:
        states = self._states.over(site, *window, now)
        return stated(no_states(site, window[0]) if states is None else states)
