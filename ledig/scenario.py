"""`ledig size --scenario`: how many desks for a house that is not there yet; models side by side, and their judge."""

import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from analytics.queues.judge import Band, Trial
from analytics.queues.load import Load, busiest_loads
from analytics.queues.models import MEASURES, MODELS, curve_over, fewest
from ledig.stopping import complain, say
from ledig.tables import lines
from simulator.scenariodays import draw_days
from spaces.hours import WEEKDAYS
from spaces.scenario import Scenario
from spaces.scenariofile import load_scenario

_STOPPED = 1
YEARS = 50
"""Simulated unless told otherwise: the ends of nine of ten are the third from below and from above."""


@dataclass(frozen=True)
class Sized:
    """A scenario, what its busiest weekday asks of desks, and what its simulated years say."""

    scenario: Scenario
    weekday: int
    loads: list[Load]
    trial: Trial


def add_scenario(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig size --scenario`."""
    command.add_argument(
        "--scenario", type=Path, metavar="FILE", help="size a house without history: who would come (docs/sizing.md)"
    )
    command.add_argument(
        "--years",
        type=_years,
        default=YEARS,
        metavar="N",
        help=f"with --scenario: years to simulate (default: {YEARS})",
    )
    command.add_argument("--seed", type=int, default=1, help="with --scenario: another seed, other people (default: 1)")


def size_scenario(arguments: Namespace, stop: threading.Event) -> int:
    """Print what the models and the simulation say of a scenario and its variants; return the exit status.

    Raises:
        ScenarioError: with every mistake of the file.
    """
    found = load_scenario(arguments.scenario)
    sized = []
    for scenario in tqdm(found.all(), desc="scenarios", unit="", leave=False, mininterval=0.5):
        if stop.is_set():
            complain("stopped; nothing was kept")
            return _STOPPED
        sized.append(size_up(scenario, arguments.years, arguments.seed))
    for line in report(sized, arguments.years):
        say(line)
    return 0


def size_up(scenario: Scenario, years: int, seed: int) -> Sized:
    """Simulate a scenario; variants of one seed meet the same luck."""
    weekday, loads = busiest_loads(scenario)
    days = draw_days(scenario, years, np.random.default_rng(seed))
    most = scenario.members + max(load.guests for load in loads)
    trial = Trial.of(
        (days.weekday, days.year), days.day, days.start, days.end, days.guest, look=(weekday, loads), most=most
    )
    return Sized(scenario, weekday, loads, trial)


def report(sized: list[Sized], years: int) -> Iterator[str]:
    """Yield what is printed: the first scenario by every model, then all of them in one table."""
    first = sized[0]
    yield f"{first.scenario.name}: a scenario. Nothing of it was measured; it is worth what the file's numbers are."
    yield _busiest(first)
    yield ""
    yield from _models(first)
    yield ""
    yield f"Simulated: {years} years of 52 weeks; in brackets, what nine of ten of them lie between."
    yield ""
    yield from _scenarios(sized)


def _busiest(one: Sized) -> str:
    load = max(one.loads, key=lambda load: load.peak + load.guests)
    minute = load.opening + load.busiest + 1
    guests = f" and {load.guests} guests" if load.guests else ""
    people = f"{load.peak:.1f} of {load.members} members{guests}"
    weeks = f" in {load.weight:.0%} of its weeks" if load.weight < 1 else ""
    return (
        f"Busiest: {WEEKDAYS[one.weekday]} {minute // 60:02}:{minute % 60:02}{weeks}, {people} on average, give or take"
        f" {load.variance**0.5:.1f} (variance / mean {load.peakedness:.2f})."
    )


def _models(one: Sized) -> Iterator[str]:
    """Yield a table a measure: the desks that each model and the simulation ask for, and what those there mean."""
    scenario, desks = one.scenario, one.scenario.desks
    for measure, meaning in MEASURES.items():
        chosen = [model for model in MODELS if model.measure == measure]
        curves = [(model.name, curve_over(model, one.loads, one.trial.most)) for model in chosen]
        curves.append(("simulated", one.trial.curve(measure)))
        header = [measure.replace("_", " "), *(f"desks for {target:g} %" for target in _targets(scenario))]
        header += [f"with {desks} desks"] if desks else []
        rows = [
            [
                name,
                *(_desks(fewest(curve, target / 100)) for target in _targets(scenario)),
                *([_percent(curve[min(desks, len(curve) - 1)])] if desks else []),
            ]
            for name, curve in curves
        ]
        yield f"{measure.replace('_', ' ').capitalize()}: {meaning}."
        yield from lines(header, rows)
        yield ""


def _targets(scenario: Scenario) -> list[float]:
    return sorted({1.0, 5.0, round(scenario.target * 100, 4)})


def _scenarios(sized: list[Sized]) -> Iterator[str]:
    """Yield the table of all scenarios."""
    target = sized[0].scenario.target
    money = f"{sized[0].scenario.cost.currency} a month"
    header = ["scenario", "members", f"desks for {target * 100:g} %", "desks", "days a month short", "refused"]
    header += ["members a desk", "area m2", money]
    yield from lines(header, [_row(one) for one in sized])
    yield ""
    yield (
        f"Desks for {target * 100:g} %: {MEASURES['short']}. Days a month short: somebody goes 15 minutes without a"
        " desk and does not leave. Refused: share of all stays that find no desk, and leave."
    )
    if any(one.scenario.desks is None for one in sized):
        yield "Where the scenario names no desks, the rest of the row is for those of the third column."


def _row(one: Sized) -> list[str]:
    scenario = one.scenario
    needed, lo, hi = one.trial.desks_for("short", scenario.target)
    desks = scenario.desks or needed or one.trial.most
    area, cost = scenario.cost.area(desks + scenario.fixed), scenario.cost.month(desks + scenario.fixed)
    return [
        scenario.name,
        str(scenario.members),
        f"{_desks(needed)} ({_desks(lo)} to {_desks(hi)})",
        str(desks),
        _band(one.trial.days_a_month(desks), 1, 1),
        _band(one.trial.refused(desks), 100, 2) + " %",
        f"{scenario.members / desks:.2f}",
        "-" if area is None else f"{area:,.0f}",
        "-" if cost is None else f"{cost:,.0f}",
    ]


def _band(band: Band, times: float, digits: int) -> str:
    value, lo, hi = (f"{part * times:.{digits}f}" for part in band)
    return f"{value} ({lo} to {hi})"


def _desks(desks: int | None) -> str:
    return "none" if desks is None else str(desks)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"


def _years(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000:
        raise ArgumentTypeError(f"{text!r} is no number of years from 1 to 1000")
    return int(text)
