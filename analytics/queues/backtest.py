"""How the models did on a house with history: fitted on its first half, held against its second."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.queues.judge import Trial
from analytics.queues.load import HOUR, Load
from analytics.queues.models import MEASURES, MODELS, Measure, fewest
from analytics.queues.timevarying import busiest_hour, infinite_server_mean
from analytics.sizing.days import OpenDays
from analytics.sizing.demand import Stays
from spaces.times import DAY, MINUTE

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Curve = NDArray[np.float64]
ENOUGH = 4
"""Days of a weekday in each half; with fewer of any, the days from Monday to Friday are taken together."""
SMOOTHED = 15
"""Minutes over which the profile is averaged to find its busiest moment."""
TARGET = 0.05
POOLED = 7
"""The "weekday" of days that are taken together."""
BEFORE = "as in the first half"
_EPOCH = 719_163
"""Ordinal of 1970-01-01."""


@dataclass(frozen=True)
class Measured:
    """d days of measured stays, whose times are ms after the local midnight of day 0, days following one another.

    ``weekday`` and ``members`` are of the days.
    """

    weekday: Whole
    members: Whole
    stays: Stays

    @classmethod
    def of(cls, days: OpenDays, stays: Stays, members: Whole) -> "Measured":
        """Return what was measured on open days by the clock on the wall."""
        shift = days.offset - (days.date - _EPOCH) * DAY + np.arange(len(days)) * DAY
        return cls(
            days.weekday, members, Stays(stays.day, stays.start + shift[stays.day], stays.end + shift[stays.day])
        )

    def only(self, kept: Flags) -> "Measured":
        """Return some of the days, numbered anew."""
        number = np.cumsum(kept) - 1
        inside = kept[self.stays.day]
        day, back = number[self.stays.day[inside]], self.stays.day[inside] - number[self.stays.day[inside]]
        stays = Stays(day, self.stays.start[inside] - back * DAY, self.stays.end[inside] - back * DAY)
        return Measured(self.weekday[kept], self.members[kept], stays)


@dataclass(frozen=True)
class ModelError:
    """How a model did: means over the weekdays, by their days in the second half.

    ``off`` is the area between its curve and the one of the second half, in desks: of "short" it is how far the two
    distributions of demand lie apart. ``bias`` is the same with its sign: above 0 it asks for too many desks.
    ``desks`` is how many it asks for on the busiest weekday so that `TARGET` is kept, None where none would do;
    ``met`` what the second half would have met with the desks that it asked for, weekday by weekday.
    """

    model: str
    measure: Measure
    off: float
    bias: float
    desks: int | None
    met: float


def back_test(measured: Measured) -> list[ModelError]:
    """Fit every model on the first half of the days and hold it against the second; by measure, in their order.

    Beside the models stands `BEFORE`: that the second half will be exactly like the first.

    Raises:
        ValueError: there are too few days.
    """
    pieces = list(_weekdays(measured))
    most = int(max(piece.most for piece in pieces))
    busiest = max(range(len(pieces)), key=lambda index: pieces[index].load.peak)
    found = []
    for measure in MEASURES:
        truths = [piece.second(most).curve(measure) for piece in pieces]
        for name, curves in _rivals(measure, pieces, most):
            found.append(_error(name, measure, curves, truths, [piece.days for piece in pieces], busiest))
    return found


@dataclass(frozen=True)
class _Piece:
    """One weekday: what the first half says of it, and both halves."""

    weekday: int
    load: Load
    halves: tuple[Measured, Measured]

    @property
    def days(self) -> int:
        return len(self.halves[1].weekday)

    @property
    def most(self) -> int:
        """More desks than anybody will ask for."""
        return max(self.load.members, *(int(one.members.max()) for one in self.halves))

    def first(self, most: int) -> Trial:
        return self._trial(self.halves[0], most)

    def second(self, most: int) -> Trial:
        return self._trial(self.halves[1], most)

    def _trial(self, half: Measured, most: int) -> Trial:
        nobody = np.zeros(len(half.stays), dtype=np.bool_)
        year = np.zeros(len(half.weekday), dtype=np.int64)
        minute, hour = self.load.opening + self.load.busiest + 1, self.load.opening + self.load.hour_from
        weekday = np.full(len(half.weekday), self.weekday)
        return Trial(weekday, year, half.stays, nobody, self.weekday, minute, hour, most)


def _weekdays(measured: Measured) -> Iterator[_Piece]:
    """Yield each weekday that has days enough in both halves; all working days together where one has not."""
    late = np.arange(len(measured.weekday)) >= len(measured.weekday) // 2
    counts = [np.bincount(measured.weekday[half], minlength=7) for half in (~late, late)]
    there = np.flatnonzero(counts[0] + counts[1])
    if len(there) and min(counts[0][there].min(), counts[1][there].min()) >= ENOUGH:
        chosen = [(int(day), measured.weekday == day) for day in there]
    else:
        chosen = [(POOLED, measured.weekday < 5)]
    for weekday, days in chosen:
        halves = measured.only(days & ~late), measured.only(days & late)
        if min(len(half.weekday) for half in halves) < ENOUGH:
            raise ValueError(f"each half needs {ENOUGH} days from Monday to Friday; there are {len(measured.weekday)}")
        yield _Piece(weekday, fitted(halves[0]), halves)


def fitted(measured: Measured) -> Load:
    """Return the load that days of one kind have: profile, arrivals, and the spread of days at the busiest moment.

    The time-varying mean is got from arrivals and stays, as a scenario's is; peak, hour and variance as measured.
    """
    stays, days = measured.stays, max(len(measured.weekday), 1)
    start, end = stays.start - stays.day * DAY, stays.end - stays.day * DAY
    opening = int(start.min(initial=DAY) // MINUTE) if len(stays) else 0
    minutes = max(int(-(-end.max(initial=0) // MINUTE)) - opening, HOUR)
    first, last = start // MINUTE - opening, np.minimum(end // MINUTE - opening, minutes)
    change = np.zeros((days, minutes + 1))
    np.add.at(change, (stays.day, first), 1.0)
    np.add.at(change, (stays.day, last), -1.0)
    present = np.cumsum(change, axis=1)[:, :-1]
    profile = present.mean(axis=0)
    busiest = int(np.convolve(profile, np.ones(SMOOTHED), mode="same").argmax())
    arriving = np.bincount(first, minlength=minutes)[:minutes] / days
    hour_from, hour = busiest_hour(profile, HOUR)
    return Load(
        members=int(np.median(measured.members)),
        opening=opening,
        arriving=arriving,
        mean=infinite_server_mean(arriving, _staying((end - start) / MINUTE, minutes)),
        busiest=busiest,
        peak=float(profile[busiest]),
        variance=float(present[:, busiest].var(ddof=1)) if days > 1 else 0.0,
        guests=0,
        hour_from=hour_from,
        hour=hour,
    )


def _staying(lengths: Curve, minutes: int) -> Curve:
    """Return the share of stays longer than 0, 1, ..., `minutes` minutes."""
    ordered = np.sort(lengths)
    shorter = np.searchsorted(ordered, np.arange(minutes + 1), side="right")
    return np.asarray(1 - shorter / max(len(ordered), 1))


def _rivals(measure: Measure, pieces: Sequence[_Piece], most: int) -> Iterator[tuple[str, list[Curve]]]:
    for model in MODELS:
        if model.measure == measure:
            yield model.name, [model.curve(piece.load, most) for piece in pieces]
    yield BEFORE, [piece.first(most).curve(measure) for piece in pieces]


def _error(  # noqa: PLR0913, PLR0917 - a model, what came, and how the weekdays count
    name: str, measure: Measure, curves: list[Curve], truths: list[Curve], days: list[int], busiest: int
) -> ModelError:
    apart = [curve - truth for curve, truth in zip(curves, truths, strict=True)]
    asked = [fewest(curve, TARGET) for curve in curves]
    met = [float(truth[-1 if desks is None else desks]) for truth, desks in zip(truths, asked, strict=True)]
    return ModelError(
        model=name,
        measure=measure,
        off=float(np.average([np.abs(one).sum() for one in apart], weights=days)),
        bias=float(np.average([one.sum() for one in apart], weights=days)),
        desks=asked[busiest],
        met=float(np.average(met, weights=days)),
    )
