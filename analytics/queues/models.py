"""The models side by side: each turns a load into a curve over desks, and says what its number means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analytics.queues.erlang import erlang_refused, hayward_refused, poisson_short
from analytics.queues.finite import beta_binomial_short, binomial_short, correlation, engset_refused
from analytics.queues.load import Load
from analytics.queues.timevarying import modified_offered_load

Curve = NDArray[np.float64]
Measure = Literal["short", "refused", "refused_day"]
MEASURES: dict[Measure, str] = {
    "short": "chance that more people are there at the busiest moment than there are desks",
    "refused": "share of those who come in the busiest hour that finds no desk, and leaves",
    "refused_day": "share of all who come on such a day that finds no desk, and leaves",
}


@dataclass(frozen=True, slots=True)
class Model:
    """A model: what its curve measures, and how it is got, without guests, for 0, 1, ..., most desks."""

    name: str
    measure: Measure
    assumes: str
    curve: Callable[[Load, int], Curve]


def _beta_binomial(load: Load, most: int) -> Curve:
    rho = correlation(load.members, load.share, load.variance)
    return beta_binomial_short(load.members, load.share, rho, most)


MODELS = (
    Model(
        "binomial",
        "short",
        "each member is there by a coin of its own",
        lambda load, most: binomial_short(load.members, load.share, most),
    ),
    Model("beta-binomial", "short", "some days bring everybody", _beta_binomial),
    Model(
        "infinite servers",
        "short",
        "a public without end; people at one moment are Poisson",
        lambda load, most: poisson_short(load.peak, most),
    ),
    Model(
        "Engset",
        "refused",
        "so many members; a steady state at the busiest moment's load",
        lambda load, most: engset_refused(load.members, load.share, most),
    ),
    Model(
        "Erlang B",
        "refused",
        "a public without end; a steady state at the busiest hour's load",
        lambda load, most: erlang_refused(load.hour, most),
    ),
    Model(
        "modified offered load",
        "refused",
        "a public without end; Erlang B at each minute's infinite-server mean",
        lambda load, most: modified_offered_load(load.in_busiest_hour, load.mean, most),
    ),
    Model(
        "Hayward",
        "refused",
        "Erlang B at the busiest moment's load, corrected for how much days differ",
        lambda load, most: hayward_refused(load.peak, load.peakedness, most),
    ),
    Model(
        "modified offered load, whole day",
        "refused_day",
        "as above, over the day's arrivals",
        lambda load, most: modified_offered_load(load.arriving, load.mean, most),
    ),
)


def curve_over(model: Model, loads: Sequence[Load], most: int) -> Curve:
    """Return a model's curve over kinds of day, each as often as it is there; guests take desks before members do."""
    weight = np.array([load.weight * (1.0 if model.measure == "short" else load.arriving.sum()) for load in loads])
    if not weight.sum():
        return np.zeros(most + 1)
    curves = [_behind_guests(model.curve(load, most), load.guests) for load in loads]
    return np.asarray(np.average(curves, axis=0, weights=weight))


def _behind_guests(curve: Curve, guests: int) -> Curve:
    taken = min(guests, len(curve))
    return np.concatenate((np.ones(taken), curve[: len(curve) - taken]))


def fewest(curve: Curve, target: float) -> int | None:
    """Return the fewest desks with which a curve is at most the target, None where it never is.

    >>> fewest(np.array([1.0, 0.4, 0.02, 0.01]), 0.02)
    2
    """
    good = np.flatnonzero(curve <= target)
    return int(good[0]) if len(good) else None
