"""What a full house turned away is put back: the truth of a law that is known is found again."""

from itertools import pairwise

import numpy as np
import pytest

from analytics.sizing.blocks import FEWEST_WEEKS
from analytics.sizing.demand import Stays
from analytics.sizing.history import History
from analytics.sizing.sizing import size
from analytics.sizing.told import rows
from tests.analytics.sizing.histories import coming, days_of, office, seen, served

WEEKS = 26
RATES = (14.0, 24.0, 24.0, 20.0, 8.0)


@pytest.fixture(scope="module")
def truth() -> Stays:
    """Everybody who would have come."""
    return coming(days_of(office(1), WEEKS), RATES, np.random.default_rng(5))


def censored(truth: Stays, desks: int) -> History:
    """Return what is seen of them by a house with so many desks."""
    site = office(desks)
    return seen(site, WEEKS, served(truth, days_of(site, WEEKS), desks))


@pytest.mark.parametrize("desks", [19, 22])
def test_as_many_are_put_back_as_were_turned_away(truth: Stays, desks: int) -> None:
    found = censored(truth, desks)
    lost = len(truth) - len(found.demand.stays)
    assert lost > 50
    assert found.lost.expected.sum() == pytest.approx(lost, rel=0.3)
    assert found.lost.unfounded == 0
    drawn = [len(stays) - len(found.demand.stays) for stays in found.with_lost]
    assert np.mean(drawn) == pytest.approx(found.lost.expected.sum(), rel=0.2)


@pytest.mark.parametrize("desks", [19, 22])
def test_the_desks_that_are_needed_are_found_though_the_house_had_fewer(truth: Stays, desks: int) -> None:
    house = office(60)
    whole = size(seen(house, WEEKS, truth)).imputed
    sized = size(censored(truth, desks))
    assert sized.measured is not None
    for target in (1.0, 2.0, 4.0):
        true, measured, imputed = (one.least(target) for one in (whole, sized.measured, sized.imputed))
        assert true is not None
        assert measured is not None
        assert imputed is not None
        assert measured.desks <= desks < true.desks
        assert abs(imputed.desks - true.desks) <= 2


def test_where_nobody_was_turned_away_nothing_is_put_back(truth: Stays) -> None:
    found = seen(office(60), WEEKS, truth)
    assert found.censored_share == 0
    sized = size(found)
    assert sized.imputed is sized.measured


def test_lost_arrivals_never_make_a_house_look_emptier(truth: Stays) -> None:
    sized = size(censored(truth, 20))
    assert sized.measured is not None
    for name in ("full", "short", "unserved_hours", "days_a_month"):
        before, after = (getattr(one.curves, name) for one in (sized.measured, sized.imputed))
        assert np.all(after >= before - 1e-12)


@pytest.mark.parametrize("desks", [19, 22])
def test_the_curve_is_measured_as_far_as_demand_was_and_goes_on_without_a_step_up(truth: Stays, desks: int) -> None:
    sized = size(censored(truth, desks))
    listed = list(rows(sized))
    until = sum(not row["imputed"] for row in listed)
    assert [row["imputed"] for row in listed] == [row["desks"] > until for row in listed]
    # One desk of so few, or two of more than twenty, are hardly any: some people must have turned round.
    assert 1 < until < desks - 1
    for one, more in pairwise(listed):
        assert all(one[name] >= more[name] for name in ("full", "short", "unserved_hours", "days_a_month"))
    assert listed[desks - 1]["days_a_month"] > 1


def test_a_house_that_was_never_full_is_measured_up_to_its_desks(truth: Stays) -> None:
    listed = list(rows(size(seen(office(60), WEEKS, truth))))
    assert [row["imputed"] for row in listed] == [row["desks"] > 60 for row in listed]
    assert {row["days_a_month_imputed"] for row in listed} == {None}


def test_of_an_hour_that_was_always_full_nothing_is_known_and_it_is_said() -> None:
    """Two desks that are both taken all day: there is no rate to put arrivals back by."""
    site = office(2)
    days = days_of(site, FEWEST_WEEKS)
    day = np.repeat(np.arange(len(days)), 2)
    found = seen(site, FEWEST_WEEKS, Stays.of(day, days.opens[day], days.closes[day]))
    assert found.censored_share == 1
    assert found.lost.unfounded == int(days.open_time.sum())
    assert len(found.with_lost) == 1


def test_fixed_desks_are_never_censored(truth: Stays) -> None:
    site = office(20, pool="fixed")
    found = seen(site, WEEKS, served(truth, days_of(site, WEEKS), 20), pool="fixed")
    assert found.censored_share == 0
