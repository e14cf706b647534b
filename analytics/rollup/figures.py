"""Figures from roll-ups, equal to those from states to the last bit.

A question is put in two steps, so that no more is read than it needs: `wanted` says of which cohorts, given which
spaces were counted (`Rolled.counting`) in its window; the figures take roll-ups of these. The window of the roll-ups
is that of the states. Whatever roll-ups cannot answer raises `NotRolledUpError`: a group that is no cohort, opening
hours or buckets off the quarter-hours. Then states can.
"""

import numpy as np
from numpy.typing import NDArray

from analytics import availability as left
from analytics import heatmap as heat
from analytics import peaks as crowd
from analytics import utilisation as use
from analytics.buckets import edges as local_edges
from analytics.groups import Groups
from analytics.levels import Measure
from analytics.rollup.bucketed import Buckets
from analytics.rollup.counted import Counting, earlier
from analytics.rollup.kept import Kept, kept
from analytics.rollup.lasting import Lasting
from analytics.rollup.layout import Layout
from analytics.rollup.opened import NotRolledUpError, Opened
from analytics.rollup.rolled import Rolled, Whole
from spaces.times import Millis


def wanted(
    layout: Layout, groups: Groups, start: Millis, end: Millis, counting: NDArray[np.bool_] | None = None
) -> NDArray[np.int32]:
    """Return the cohorts (ascending) that the figures of these groups are made of.

    Without `counting` (`Rolled.counting` of the window) those of figures that do not ask for people: heat map, and
    peaks of spaces.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    opened = Opened.of(layout, groups, start, end)
    found = {cohort for _, _, cohorts in opened.cohorts(sums=True) for cohort in cohorts}
    if counting is not None:
        found |= {opened.alone(space)[0] for space in Counting.of(opened, counting).alone}
    return np.array(sorted(found), dtype=np.int32)


def utilisation(layout: Layout, rolled: Rolled, groups: Groups, edges: Whole) -> use.UtilisationFigures:
    """Return what `analytics.utilisation.utilisation` does.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    opened = Opened.of(layout, groups, rolled.start, rolled.end)
    return use.figures_of(_sums(opened, rolled, Buckets.over(opened, edges), people=True), layout.site, groups, edges)


def peaks(  # noqa: PLR0913 - as the figure has them
    layout: Layout,
    rolled: Rolled,
    groups: Groups,
    edges: Whole,
    measure: Measure = "spaces",
    *,
    sustained: bool = True,
) -> crowd.PeakFigures:
    """Return what `analytics.peaks.peaks` does; without `sustained` peaks the roll-ups need no `runs`.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    opened = Opened.of(layout, groups, rolled.start, rolled.end)
    buckets = Buckets.over(opened, edges)
    people = measure == "people"
    peak, peak_at, upper = _people_crests(opened, rolled) if people else _crests(opened, rolled)
    crests = crowd.Crests(*buckets.highest(peak, peak_at), buckets.most(upper))
    if sustained:
        level, at = _people_kept(opened, rolled, buckets) if people else kept(opened, rolled, buckets)
        crests = crests._replace(kept=level, kept_at=at)
    sums = _sums(opened, rolled, buckets, people=people)
    return crowd.figures_of(crests, sums, layout.site, groups, edges, measure=measure)


def availability(layout: Layout, rolled: Rolled, groups: Groups, edges: Whole) -> left.AvailabilityFigures:
    """Return what `analytics.availability.availability` does of spaces; the roll-ups have `levels`.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    opened = Opened.of(layout, groups, rolled.start, rolled.end)
    buckets = Buckets.over(opened, edges)
    sums = left.sums_of(Lasting.of(opened, rolled, buckets))
    return left.figures_of(sums, _sums(opened, rolled, buckets, people=False), "spaces")


def heatmap(layout: Layout, rolled: Rolled, groups: Groups) -> heat.HeatFigures:
    """Return what `analytics.heatmap.heatmap` does.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    return heat.figures_of(heat_sums(layout, rolled, groups))


def heat_sums(layout: Layout, rolled: Rolled, groups: Groups) -> heat.HeatSums:
    """Return what a heat map is made of.

    Raises:
        NotRolledUpError: roll-ups do not answer the question.
    """
    marks = local_edges(layout.site.tz, rolled.start, rolled.end, "1h")
    opened = Opened.of(layout, groups, rolled.start, rolled.end)
    sums = _sums(opened, rolled, Buckets.over(opened, marks), people=False)
    return heat.gathered(sums, layout.site, marks)


def _crests(opened: Opened, rolled: Rolled) -> tuple[Whole, Whole, Whole]:
    """Return peak, its moment and the upper bound of spaces: shape (groups, quarters)."""
    peak, peak_at = (opened.gathered(rolled, name, closed=-1) for name in ("peak", "peak_at"))
    return peak, peak_at, opened.gathered(rolled, "peak_upper")


def _people_crests(opened: Opened, rolled: Rolled) -> tuple[Whole, Whole, Whole]:
    """Return the same of people: where none are, a vacant space that counts at other times says so."""
    peak, peak_at = (opened.gathered(rolled, name, closed=-1) for name in ("people_peak", "people_peak_at"))
    idle_at = Counting.of(opened, rolled.counting).idle_at(opened, rolled)
    nobody = (peak < 1) & (idle_at >= 0)
    peak_at = np.where(nobody, earlier(peak_at, idle_at), peak_at)
    return np.where(nobody, 0, peak), peak_at, opened.gathered(rolled, "people_upper")


def _people_kept(opened: Opened, rolled: Rolled, buckets: Buckets) -> Kept:
    """Return the sustained peaks of people, which do not hang on who is idle but where nobody is there."""
    counting = Counting.of(opened, rolled.counting)
    nobody, nothing = (kept(opened, rolled, buckets, people=True, idle=idle) for idle in (0, -1))
    mixed = [*counting.some_of]
    if (nobody.level[mixed] != nothing.level[mixed]).any():
        raise NotRolledUpError("whether anybody was counted hangs on single spaces")
    if (nobody.at[mixed] != nothing.at[mixed])[nobody.level[mixed] == 0].any():
        raise NotRolledUpError("when nobody was counted hangs on single spaces")
    every = counting.all_of[:, None]
    return Kept(np.where(every, nobody.level, nothing.level), np.where(every, nobody.at, nothing.at))


def _sums(opened: Opened, rolled: Rolled, buckets: Buckets, *, people: bool) -> use.Sums:
    """Return the sums of buckets; without `people` those of counts are 0."""
    open_time, unknown = opened.time(), opened.gathered(rolled, "unknown", sums=True)
    occupied = opened.gathered(rolled, "occupied", sums=True)
    counts = _counts(opened, rolled) if people else dict.fromkeys(_COUNTS, np.zeros_like(open_time))
    return use.Sums(
        open=buckets.total(open_time),
        known=buckets.total(open_time - unknown),
        occupied=buckets.total(occupied),
        any_open=buckets.total(opened.any_time()),
        **{name: buckets.total(values) for name, values in counts.items()},
    )


_COUNTS = ("counting", "counted", "people", "seats_counted", "seats_used")


def _counts(opened: Opened, rolled: Rolled) -> dict[str, Whole]:
    """Return the sums of counts: shape (groups, quarters)."""
    found = Counting.of(opened, rolled.counting)
    counts = {name: opened.gathered(rolled, name, sums=True) for name in _COUNTS[1:]}
    counts["counting"] = opened.time(found.spaces)
    counts["counted"] += found.idle(opened, rolled, "idle")
    counts["seats_counted"] += found.idle(opened, rolled, "idle_seats")
    return counts
