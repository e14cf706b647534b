"""The models give the numbers that are published for 200 members, and agree with slow, obvious computations."""

from math import comb, exp, factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from analytics.queues.erlang import erlang_b, erlang_refused, hayward_refused, poisson_short
from analytics.queues.finite import beta_binomial_short, binomial_short, correlation, engset_refused
from analytics.queues.timevarying import busiest_hour, infinite_server_mean, modified_offered_load

MEMBERS = 200
SHARES = (0.3, 0.4, 0.5)


def needed(curve: np.ndarray, target: float) -> int:
    return int(np.flatnonzero(curve <= target)[0])


@pytest.mark.parametrize(("target", "desks"), [(0.01, (75, 96, 116)), (0.05, (71, 91, 112))])
def test_binomial(target: float, desks: tuple[int, ...]) -> None:
    assert tuple(needed(binomial_short(MEMBERS, share, MEMBERS), target) for share in SHARES) == desks


def test_beta_binomial() -> None:
    curves = [beta_binomial_short(MEMBERS, share, 0.02, MEMBERS) for share in SHARES]
    assert [needed(curve, 0.01) for curve in curves] == [96, 117, 136]


@pytest.mark.parametrize(("target", "desks"), [(0.01, (73, 93, 113)), (0.05, (66, 86, 106))])
def test_engset(target: float, desks: tuple[int, ...]) -> None:
    assert tuple(needed(engset_refused(MEMBERS, share, MEMBERS), target) for share in SHARES) == desks


@pytest.mark.parametrize(("target", "desks"), [(0.01, (53, 75, 96)), (0.05, (46, 66, 86))])
def test_erlang_b(target: float, desks: tuple[int, ...]) -> None:
    assert tuple(needed(erlang_refused(load, MEMBERS), target) for load in (40, 60, 80)) == desks


@given(st.integers(1, 40), st.floats(0.01, 0.99), st.floats(0.001, 0.5))
def test_a_beta_binomial_has_the_mean_and_the_variance_it_should(members: int, share: float, rho: float) -> None:
    curve = beta_binomial_short(members, share, rho, members)
    chance = -np.diff(np.concatenate(([1.0], curve)))
    counts = np.arange(members + 1)
    mean = float(chance @ counts)
    assert mean == pytest.approx(members * share, rel=1e-6)
    variance = float(chance @ (counts - mean) ** 2)
    assert variance == pytest.approx(members * share * (1 - share) * (1 + (members - 1) * rho), rel=1e-5)
    if members > 1:
        assert correlation(members, share, variance) == pytest.approx(rho, rel=1e-3)


@given(st.integers(1, 30), st.floats(0.01, 0.99))
def test_engset_is_what_a_member_sees_of_the_others(members: int, share: float) -> None:
    coming = share / (1 - share)
    for desks in range(members):
        weights = [comb(members - 1, taken) * coming**taken for taken in range(desks + 1)]
        assert engset_refused(members, share, members)[desks] == pytest.approx(weights[-1] / sum(weights))


@given(st.floats(0.05, 30), st.integers(0, 40))
def test_erlang_b_is_the_last_of_the_truncated_poisson_weights(load: float, desks: int) -> None:
    weights = [load**taken / factorial(taken) for taken in range(desks + 1)]
    assert erlang_b(load, desks) == pytest.approx(weights[-1] / sum(weights), rel=1e-9)


@given(st.floats(0.2, 300), st.floats(0, 60))
def test_between_whole_desks_erlang_b_is_jagermans_integral(load: float, desks: float) -> None:
    integral, _ = integrate.quad(lambda u: exp(-u + desks * np.log1p(u / load)), 0, np.inf, limit=400)
    assert float(erlang_b(load, desks)) == pytest.approx(1 / integral, rel=1e-5)


def test_many_members_make_engset_erlang_and_the_binomial_poisson() -> None:
    members, load = 200_000, 30.0
    assert engset_refused(members, load / members, 60) == pytest.approx(erlang_refused(load, 60), abs=1e-4)
    assert binomial_short(members, load / members, 60) == pytest.approx(poisson_short(load, 60), abs=1e-4)


def test_hayward_leaves_a_random_public_alone_and_asks_more_for_a_moody_one() -> None:
    assert hayward_refused(60, 1.0, 120) == pytest.approx(erlang_refused(60, 120), rel=1e-9)
    assert needed(hayward_refused(60, 3.0, 200), 0.01) > needed(erlang_refused(60, 200), 0.01) + 5
    assert needed(hayward_refused(60, 0.6, 200), 0.01) < needed(erlang_refused(60, 200), 0.01)


@pytest.mark.parametrize(
    "curve",
    [
        binomial_short(50, 0.4, 80),
        beta_binomial_short(50, 0.4, 0.05, 80),
        engset_refused(50, 0.4, 80),
        erlang_refused(20, 80),
        hayward_refused(20, 2.5, 80),
        poisson_short(20, 80),
    ],
)
def test_more_desks_are_never_worse_and_a_chance_is_one(curve: np.ndarray) -> None:
    assert len(curve) == 81
    assert np.all((curve >= 0) & (curve <= 1))
    assert np.all(np.diff(curve) <= 1e-12)


def test_nobody_and_everybody_are_no_special_cases() -> None:
    for share in (0.0, 1.0):
        assert np.all(np.isfinite(beta_binomial_short(30, share, 0.1, 40)))
        assert np.all(np.isfinite(engset_refused(30, share, 40)))
    assert needed(binomial_short(30, 1.0, 40), 0.01) == 30
    assert needed(engset_refused(30, 1.0, 40), 0.01) == 30
    assert erlang_refused(0.0, 3).tolist() == [1, 0, 0, 0]
    assert needed(beta_binomial_short(1, 0.5, 0.5, 3), 0.01) == 1


def test_the_infinite_server_mean_follows_a_sine_as_it_should() -> None:
    """Eick, Massey and Whitt, "Mt/G/infinity queues with sinusoidal arrival rates", 1993: exponential stays lag."""
    step, stay, rate, swing, speed = 1 / 60, 2.0, 20.0, 12.0, 2 * np.pi / 24
    time = np.arange(0, 96, step)
    arriving = (rate + swing * np.sin(speed * (time + step / 2))) * step
    found = infinite_server_mean(arriving, np.exp(-np.arange(len(time) + 1) * step / stay))
    at = time + step
    lag = speed * stay
    right = rate * stay + swing * stay / (1 + lag**2) * (np.sin(speed * at) - lag * np.cos(speed * at))
    settled = at > 48
    assert found[settled] == pytest.approx(right[settled], rel=1e-4)


def test_a_peak_of_people_comes_later_than_the_peak_of_comers() -> None:
    arriving = np.zeros(720)
    arriving[60:120] = 1.0
    mean = infinite_server_mean(arriving, np.exp(-np.arange(721) / 240))
    assert mean.argmax() == 119
    first, load = busiest_hour(mean, 60)
    assert 60 <= first <= 119
    assert mean.mean() < load < mean.max()


def test_refusals_of_a_steady_day_are_erlangs_and_those_of_one_that_begins_empty_are_fewer() -> None:
    steady = np.full(600, 30.0)
    arriving = np.full(600, 0.5)
    day = modified_offered_load(arriving[1:], steady[1:], 36)[36]
    assert day == pytest.approx(float(erlang_b(30, 36)), rel=0.01)
    filling = infinite_server_mean(arriving, np.exp(-np.arange(601) / 60))
    assert modified_offered_load(arriving, filling, 36)[36] < day
    assert modified_offered_load(np.zeros(5), np.zeros(5), 3).tolist() == [0, 0, 0, 0]
