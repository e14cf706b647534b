"""Figures from roll-ups, those of buckets that are long over from memory: only what is recent is worked out again."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import edges as local_edges
from analytics.groups import Groups
from analytics.heatmap import HeatSums
from analytics.rollup import figures as rolled_figures
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError
from analytics.rollup.rolled import Rolled, Whole
from dashboards.rollups.memory import GoneError
from dashboards.rollups.past import Past, beside, past_figures
from dashboards.rollups.source import Fresh, Rollups
from dashboards.rollups.translation import Want
from spaces.site import Site
from spaces.times import DAY, Millis

Found = TypeVar("Found")
Counted = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question(Generic[Found]):
    """A figure of groups of a site's spaces: its name, what roll-ups it takes, and what is made of them."""

    name: Hashable
    want: Want
    people: bool
    site: Site
    groups: Groups
    now: Millis
    rolled: Callable[[Layout, Rolled, Whole], Found]
    """Gives the figures of buckets, by their edges."""

    def key(self, edges: Whole) -> Hashable:
        """Return what tells it from other questions."""
        groups = self.groups.labels, self.groups.of.tobytes()
        return self.site.id, self.name, groups, edges.tobytes()


class Joined:
    """Answers questions. Every method raises NotRolledUpError, Damaged or GoneError where states must be asked."""

    def __init__(self, rollups: Rollups) -> None:
        self._rollups = rollups
        self._past = past_figures()

    def by_bucket(self, question: Question[Found], edges: Whole) -> Found:
        """Return figures of shape (groups, buckets)."""
        over = int(np.searchsorted(edges, _long_over(question.now), side="right")) - 1
        if over < 1:
            return self._anew(question, edges).figures
        past = self._of_past(question, edges[: over + 1])
        if over == len(edges) - 1:
            return past.figures
        return beside(past.figures, self._anew(question, edges[over:], past.counted).figures)

    def heat(self, question: Question[HeatSums], start: Millis, end: Millis) -> HeatSums:
        """Return the sums of a week; whole local days of the past are remembered, whenever the window begins."""
        end = min(end, question.now)
        days = local_edges(question.site.tz, start, end, "1d")
        days = days[(days >= start) & (days <= min(end, _long_over(question.now)))]
        if len(days) < 2:
            return self._anew(question, np.array([start, end])).figures
        sums = self._of_past(question, days[[0, -1]]).figures
        for low, high in ((start, int(days[0])), (int(days[-1]), end)):
            if low < high:
                sums = sums.plus(self._anew(question, np.array([low, high])).figures)
        return sums

    def _of_past(self, question: Question[Found], edges: Whole) -> Past[Found]:
        stamp = self._rollups.beneath(question.site, int(edges[0]), int(edges[-1]), question.now)
        past = self._past.get(question.key(edges), stamp, lambda: self._anew(question, edges))
        return cast("Past[Found]", past)

    def _anew(self, question: Question[Found], edges: Whole, counted: Counted | None = None) -> Past[Found]:
        """Return the figures of some buckets; `counted` are the spaces of which a count came in those before.

        A space that counts at any time of a window counts nobody while it is idle: that goes for all of its buckets.
        """
        fresh = self._rollups.over(question.site, int(edges[0]), int(edges[-1]), question.now)
        if fresh is None:
            raise GoneError("too little of it is rolled up")
        if not question.people:
            return Past(question.rolled(fresh.layout, _read(fresh, question, None), edges), None)
        counting = fresh.counting()
        own: Counted = np.asarray(counting.any(axis=0))
        if counted is not None and np.any(own & ~counted):
            raise NotRolledUpError("of some space the first count came lately")
        every = own if counted is None else counted
        rolled = _read(fresh, question, every)
        return Past(question.rolled(fresh.layout, replace(rolled, counting=counting | every), edges), every)


def _read(fresh: Fresh, question: Question[Found], counted: Counted | None) -> Rolled:
    counting = None if counted is None else counted[None]
    cohorts = rolled_figures.wanted(fresh.layout, question.groups, fresh.start, fresh.end, counting)
    return fresh.read(replace(question.want, cohorts=tuple(cohorts.tolist())))


def _long_over(now: Millis) -> Millis:
    """Return up to when the past is left alone by nearly all readings: the beginning of yesterday."""
    return (now // DAY - 1) * DAY
