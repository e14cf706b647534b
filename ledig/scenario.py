"""`ledig size --scenario`: how many desks for a house that is not there yet; models side by side, and their judge."""

import csv
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from tqdm import tqdm

from analytics.queues.judge import Trial
from analytics.queues.load import Load, busiest_loads
from analytics.queues.models import MEASURES, MODELS, curve_over, fewest
from ledig.problem import CommandError
from ledig.scenariotext import report
from ledig.stopping import say, stopped
from simulator.scenariodays import WEEKS, draw_days
from spaces.hours import WEEKDAYS
from spaces.scenario import Scenario
from spaces.scenariofile import load_scenario

YEARS, FEWEST_YEARS = 50, 5
"""Simulated unless told otherwise: the ends of nine of ten are the third from below and from above."""
_AT_ONCE = 6e8
"""Pairs of people on one day that are looked at in about ten seconds: large houses get fewer years than small ones."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Sized:
    """A scenario, what its busiest weekday asks of desks, and what its simulated years say."""

    scenario: Scenario
    weekday: int
    loads: Sequence[Load]
    trial: Trial


def add_scenario(command: ArgumentParser) -> None:
    """Describe the arguments of `ledig size --scenario`."""
    command.add_argument(
        "--scenario", type=Path, metavar="FILE", help="size a house without history: who would come (docs/sizing.md)"
    )
    command.add_argument(
        "--years", type=_years, metavar="N",
        help=f"with --scenario: years to simulate (default: {YEARS}, fewer for very many members)",
    )  # fmt: skip
    command.add_argument(
        "--seed", type=_seed, default=1, help="with --scenario: another seed, other people (default: 1)"
    )


def size_scenario(arguments: Namespace, stop: threading.Event) -> int:
    """Print what the models and the simulation say of a scenario and its variants; return the exit status.

    Raises:
        CommandError: a back-test is asked for too.
        ScenarioError: with every mistake of the file.
    """
    if arguments.back_test:
        raise CommandError("--back-test is of a house with history, --scenario of one without; give one of them")
    scenarios = load_scenario(arguments.scenario).all()
    years = arguments.years or min(usual_years(scenario) for scenario in scenarios)
    sized = []
    for scenario in tqdm(scenarios, desc="scenarios", unit="", leave=False, mininterval=0.5):
        if stop.is_set():
            return stopped("nothing was kept")
        sized.append(size_up(scenario, years, arguments.seed))
    _print(sized, years, arguments)
    return 0


def usual_years(scenario: Scenario) -> int:
    """Return the years that are simulated in reasonable time: the work grows with the square of a day's people."""
    people = [kind.attendance * scenario.members + kind.guests_at_most for kind in scenario.day_kinds()]
    pairs = WEEKS * len(scenario.hours) * max(people) ** 2
    return int(np.clip(_AT_ONCE / max(pairs, 1), FEWEST_YEARS, YEARS))


def size_up(scenario: Scenario, years: int, seed: int) -> Sized:
    """Simulate a scenario; variants of one seed meet the same luck."""
    weekday, loads = busiest_loads(scenario)
    days = draw_days(scenario, years, np.random.default_rng(seed))
    most = scenario.members + max(load.guests for load in loads)
    trial = Trial.of(
        (days.weekday, days.year), days.day, days.start, days.end, days.guest, look=(weekday, loads), most=most
    )
    return Sized(scenario, weekday, loads, trial)


def model_rows(one: Sized) -> Iterator[Row]:
    """Yield a row for each model and for the simulation, by measure: the desks asked for, and what those there mean."""
    desks = one.scenario.desks
    for measure in MEASURES:
        curves = [
            (model.name, curve_over(model, one.loads, one.trial.most)) for model in MODELS if model.measure == measure
        ]
        for name, curve in [*curves, ("simulated", one.trial.curve(measure))]:
            yield {
                "measure": measure,
                "model": name,
                "desks": {f"{target:g}": fewest(curve, target / 100) for target in targets(one.scenario)},
                "with_desks": None if desks is None else float(curve[min(desks, len(curve) - 1)]),
            }


def targets(scenario: Scenario) -> list[float]:
    """Return the chances, in per cent, for which desks are told."""
    return sorted({1.0, 5.0, round(scenario.target * 100, 4)})


def scenario_row(one: Sized) -> Row:
    """Return a scenario's row of the table in which all stand; without desks of its own it has those it needs."""
    scenario = one.scenario
    needed, lo, hi = one.trial.desks_for("short", scenario.target)
    desks = scenario.desks or needed or one.trial.most
    short, refused = one.trial.days_a_month(desks), one.trial.refused(desks)
    load = max(one.loads, key=lambda load: load.peak + load.guests)
    return {
        "scenario": scenario.name,
        "members": scenario.members,
        "desks_needed": needed,
        "desks_needed_lo": lo,
        "desks_needed_hi": hi,
        "desks": desks,
        "desks_given": scenario.desks is not None,
        "days_a_month": short.value,
        "days_a_month_lo": short.lo,
        "days_a_month_hi": short.hi,
        "refused": refused.value,
        "refused_lo": refused.lo,
        "refused_hi": refused.hi,
        "members_a_desk": scenario.members / desks,
        "area": scenario.cost.area(desks + scenario.fixed),
        "cost_a_month": scenario.cost.month(desks + scenario.fixed),
        "currency": scenario.cost.currency,
        "busiest_weekday": WEEKDAYS[one.weekday],
        "busiest_minute": load.opening + load.busiest + 1,
        "busiest_members": load.peak,
        "busiest_guests": load.guests,
        "busiest_spread": load.variance**0.5,
        "busiest_weeks": load.weight,
    }


def _print(sized: Sequence[Sized], years: int, arguments: Namespace) -> None:
    rows, models = [scenario_row(one) for one in sized], list(model_rows(sized[0]))
    if arguments.format == "csv":
        writer = csv.DictWriter(sys.stdout, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    elif arguments.format == "json":
        first = sized[0].scenario
        meta = {
            "scenario": first.name,
            "target": first.target,
            "years": years,
            "seed": arguments.seed,
            "measured": False,
        }
        say(msgspec.json.encode({"meta": {**meta, "measures": MEASURES, "models": models}, "rows": rows}).decode())
    else:
        for line in report(rows, models, sized[0].scenario.target, years):
            say(line)


def _years(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1_000:
        raise ArgumentTypeError(f"{text!r} is no number of years from 1 to 1000")
    return int(text)


def _seed(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise ArgumentTypeError(f"{text!r} is no seed; a whole number from 0 is one")
    return int(text)
