"""Models and the simulated days agree where the models' assumptions hold, and differ where they do not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.queues.erlang import erlang_refused
from analytics.queues.judge import Trial, exceeding
from analytics.queues.load import Load, arrival_shares, busiest_loads, load_of, staying
from analytics.queues.models import MEASURES, MODELS, curve_over, fewest
from simulator.scenariodays import draw_days
from spaces.scenario import WEEKS_A_MONTH, Arrivals, Event, Scenario, StayKind
from spaces.scenariofile import ScenarioError, load_scenario
from tests.spaces.test_scenariofile import WHOLE

BASE = Scenario(
    name="test",
    members=60,
    desks=30,
    hours=dict.fromkeys(range(5), (480, 1200)),
    attendance=(0.5, 0.6, 0.5, 0.5, 0.3, 0.0, 0.0),
    rho=(0.03,) * 7,
    arrivals=(Arrivals(480, 600, 60), Arrivals(600, 900, 40)),
    stays=(StayKind(2, "gamma", 400, 80), StayKind(1, "lognormal", 180, 90)),
)


def changed(**values: object) -> Scenario:
    return replace(BASE, **values)  # type: ignore[arg-type]


def tried(scenario: Scenario, years: int = 12) -> tuple[list[Load], Trial]:
    weekday, loads = busiest_loads(scenario)
    days = draw_days(scenario, years, np.random.default_rng(3))
    most = scenario.members + max(load.guests for load in loads)
    return loads, Trial.of(
        (days.weekday, days.year), days.day, days.start, days.end, days.guest, look=(weekday, loads), most=most
    )


@pytest.fixture(scope="module")
def usual() -> tuple[list[Load], Trial]:
    return tried(BASE, 40)


def test_the_load_is_that_of_the_simulated_days(usual: tuple[list[Load], Trial]) -> None:
    (load,), trial = usual
    assert trial.weekday_looked_at == 1
    present = trial.present[trial.weekday == 1]
    assert present.mean() == pytest.approx(load.peak, rel=0.03)
    assert present.var() == pytest.approx(load.variance, rel=0.1)
    for minute in (60, 300, 700):
        assert load.mean[minute] <= load.mean[load.busiest] == load.peak


def test_the_beta_binomial_is_what_simulated_days_show_and_the_binomial_too_little(
    usual: tuple[list[Load], Trial],
) -> None:
    loads, trial = usual
    curves = {model.name: curve_over(model, loads, trial.most) for model in MODELS}
    simulated = trial.curve("short")
    assert np.abs(curves["beta-binomial"] - simulated).max() < 0.03
    assert np.abs(curves["binomial"] - simulated).max() > 0.06
    needed = {name: fewest(curve, 0.01) or 0 for name, curve in curves.items()}
    found, lo, hi = trial.desks_for("short", 0.01)
    assert found is not None
    assert lo is not None
    assert hi is not None
    assert needed["binomial"] < found
    assert lo <= found <= hi
    assert abs(needed["beta-binomial"] - found) <= 2


def test_without_moods_the_finite_and_the_infinite_models_stand_where_they_should() -> None:
    loads, trial = tried(changed(rho=(0.0,) * 7))
    curves = {model.name: curve_over(model, loads, trial.most) for model in MODELS}
    assert np.abs(curves["binomial"] - trial.curve("short")).max() < 0.05
    assert np.abs(curves["binomial"] - curves["beta-binomial"]).max() < 1e-12
    desks = 36
    assert curves["infinite servers"][desks] > curves["binomial"][desks]
    assert curves["Engset"][desks] < curves["Erlang B"][desks]
    assert loads[0].peakedness == pytest.approx(1 - loads[0].share)


def test_a_public_without_end_is_refused_as_the_modified_offered_load_says() -> None:
    many = changed(members=6000, attendance=(0.006,) * 5 + (0.0, 0.0), rho=(0.0,) * 7)
    loads, trial = tried(many, 40)
    for desks in (26, 30):
        for name, measure in (
            ("modified offered load", "refused"),
            ("modified offered load, whole day", "refused_day"),
        ):
            (model,) = [model for model in MODELS if model.name == name]
            assert model.measure == measure
            said = curve_over(model, loads, trial.most)[desks]
            assert said == pytest.approx(trial.curve(model.measure)[desks], rel=0.35, abs=0.005)


def test_erlang_b_is_asked_at_the_busiest_hours_load_and_never_at_the_days_mean(
    usual: tuple[list[Load], Trial],
) -> None:
    (load,), trial = usual
    (model,) = [model for model in MODELS if model.name == "Erlang B"]
    assert curve_over(model, [load], trial.most) == pytest.approx(erlang_refused(load.hour, trial.most))
    assert load.mean.max() >= load.hour > 1.4 * load.mean.mean()


def test_guests_take_desks_before_members_do() -> None:
    events = (Event("fair", 2, 600, 1200, 15, 1.0, None),)
    scenario = changed(attendance=(0.5,) * 5 + (0.0, 0.0), events=events)
    loads, trial = tried(scenario)
    assert (trial.weekday_looked_at, loads[0].guests, trial.most) == (2, 15, 75)
    (model,) = [model for model in MODELS if model.name == "beta-binomial"]
    curve = curve_over(model, loads, trial.most)
    assert np.all(curve[:15] == 1)
    assert np.abs(curve - trial.curve("short")).max() < 0.05


def test_an_event_of_some_weeks_is_a_mixture() -> None:
    never, always, half = (
        busiest_loads(changed(events=(Event("fair", 1, 600, 1200, 15, weeks, None),)))[1] for weeks in (0.0, 1.0, 0.5)
    )
    assert [len(loads) for loads in (never, always, half)] == [1, 1, 2]
    for model in MODELS:
        if model.measure == "short":
            one, other, mixed = (curve_over(model, loads, 75) for loads in (never, always, half))
            assert mixed == pytest.approx((one + other) / 2)


def test_days_a_month_and_refusals_fall_with_desks_and_are_none_where_all_find_one(
    usual: tuple[list[Load], Trial],
) -> None:
    _, trial = usual
    found = [trial.days_a_month(desks) for desks in (1, 20, 30, 60)]
    assert found[0].value == pytest.approx(5 * WEEKS_A_MONTH, rel=0.01)
    assert [band.value for band in found] == sorted((band.value for band in found), reverse=True)
    assert all(band.lo <= band.value <= band.hi for band in found[1:])
    assert tuple(found[-1]) == tuple(trial.refused(60)) == (0, 0, 0)
    assert trial.refused(20).value > trial.refused(30).value > 0


def test_every_measure_has_a_model_and_every_curve_falls(usual: tuple[list[Load], Trial]) -> None:
    loads, trial = usual
    assert {model.measure for model in MODELS} == set(MEASURES)
    for curve in [curve_over(model, loads, 60) for model in MODELS] + [trial.curve(one) for one in MEASURES]:
        assert np.all((curve >= 0) & (curve <= 1))
        assert np.all(np.diff(curve) <= 1e-9)


def test_shares_of_arrivals_and_stays_are_shares() -> None:
    kind = BASE.day_kinds()[0]
    shares = arrival_shares(BASE, kind)
    assert shares.sum() == pytest.approx(1)
    assert shares[:120].sum() == pytest.approx(0.6)
    longer = staying(BASE.stays, 720)
    assert longer[0] == 1
    assert np.all(np.diff(longer) <= 0)
    assert longer.sum() == pytest.approx((2 * 400 + 180) / 3, rel=0.01)


def test_nobody_and_no_days_are_no_special_cases() -> None:
    empty = load_of(changed(attendance=(0.0,) * 7), BASE.day_kinds()[0])
    assert empty.members == 60
    nobody = changed(attendance=(0.0,) * 7)
    load = load_of(nobody, nobody.day_kinds()[0])
    assert (load.peak, load.variance, load.peakedness) == (0, 0, 1)
    for model in MODELS:
        assert fewest(curve_over(model, [load], 5), 0.01) == 0
    assert exceeding(np.zeros(0, dtype=np.int64), 2).tolist() == [0, 0, 0]
    everybody = changed(attendance=(1.0,) * 5 + (0.0, 0.0), stays=(StayKind(1, "fixed", 720, 0),))
    assert busiest_loads(everybody)[1][0].peak == pytest.approx(60, rel=0.01)
    loads, trial = tried(everybody, 1)
    assert trial.desks_for("short", 0.01)[0] == 60
    assert all(np.all(np.isfinite(curve_over(model, loads, 60))) for model in MODELS)


JUNK = ["-1", "1e308", "nan", '""', "[]", "{}", "true", "99999999999999999999", '"-0%"']


def lines_that_say_nothing(file: Path) -> list[int]:
    """Return the lines of all mistakes; of a file without, none, and what it says is sized."""
    try:
        scenario = load_scenario(file)
    except ScenarioError as error:
        return [mistake.line for mistake in error.mistakes]
    loads = busiest_loads(scenario)[1]
    assert all(np.all(np.isfinite(curve_over(model, loads, 5))) for model in MODELS)
    return []


def test_a_scenario_file_with_any_absurd_value_is_refused_by_line_or_sized_by_finite_numbers(tmp_path: Path) -> None:
    lines, file, good = WHOLE.splitlines(), tmp_path / "absurd.toml", 0
    for index, line in enumerate(lines):
        key = line.partition(" = ")[0]
        for junk in JUNK if " = " in line else ():
            file.write_text("\n".join([*lines[:index], f"{key} = {junk}", *lines[index + 1 :]]), encoding="utf-8")
            found = lines_that_say_nothing(file)
            assert all(1 <= number <= len(lines) for number in found), (key, junk)
            good += not found
    assert good > 20
