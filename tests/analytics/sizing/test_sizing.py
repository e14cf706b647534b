"""The curve as planners use it: monotone, in order, for these members and others; and what it cannot say it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.sizing.curves import replayed
from analytics.sizing.demand import Demand, Stays
from analytics.sizing.history import History, history
from analytics.sizing.scaling import attendance, factors, scaled
from analytics.sizing.sizing import Shortage, Sizing, size
from analytics.sizing.told import COLUMNS, headline, no_rows, rows, summary, why_nothing
from spaces.site import Members
from spaces.times import HOUR
from tests.analytics.houses import tried
from tests.analytics.sizing.histories import coming, days_of, office, seen, window
from tests.analytics.sizing.test_replay import always, stay_lists, stays_of

RATES = (14.0, 24.0, 24.0, 20.0, 8.0)
FALLING = ("full", "short", "unserved_hours", "refused_leave", "refused_wait", "refused_overlay", "days_a_month")


@pytest.fixture(scope="module")
def known() -> History:
    """Twenty-six weeks of a house that turned nobody away."""
    site = office(40)
    return seen(site, 26, coming(days_of(site, 26), RATES, np.random.default_rng(1)))


@pytest.fixture(scope="module")
def sized(known: History) -> Sizing:
    """What follows from them."""
    return size(known)


@tried(80)
@given(st.lists(stay_lists().filter(bool), min_size=1, max_size=3))
def test_with_more_desks_less_is_short_under_every_rule_and_the_rules_are_in_order(
    days: list[list[tuple[int, int]]],
) -> None:
    stays, opened = stays_of(days), always(len(days))
    curves = replayed(stays, opened).curves(16, open_days_a_month=20.0)
    for name in FALLING:
        assert np.all(np.diff(getattr(curves, name)) <= 1e-12)
        assert getattr(curves, name)[-1] == 0
    assert np.all(curves.refused_leave <= curves.refused_overlay)
    assert np.all(curves.refused_wait <= curves.refused_overlay)
    assert np.allclose(curves.short[:-1], curves.full[1:])
    assert np.all(curves.days_a_month <= 20)
    # Seat-hours beyond n + 1 desks are those beyond n without the time in which more than n were there.
    hours = opened.open_time.sum() / HOUR / len(days) * 20
    assert np.allclose(-np.diff(curves.unserved_hours), curves.short[:-1] * hours)


def test_bounds_lie_around_the_curve_and_recommendations_in_order(sized: Sizing) -> None:
    shown = sized.imputed
    assert shown.bounds is not None
    assert np.all(shown.bounds.lo <= shown.curves.days_a_month)
    assert np.all(shown.curves.days_a_month <= shown.bounds.hi)
    needed = [shown.least(target) for target in (0.9, 1.0, 2.0, 5.0, 10.0)]
    desks = [one.desks for one in needed if one is not None]
    assert len(desks) == 5
    assert desks == sorted(desks, reverse=True)
    for one in needed:
        assert one is not None
        assert one.lo is not None
        assert one.hi is not None
        assert one.lo <= one.desks <= one.hi


def test_as_many_members_as_there_are_ask_for_what_was_measured(known: History, sized: Sizing) -> None:
    same = size(known, members=60)
    assert same.measured is None
    for name in FALLING:
        one, other = (getattr(each.imputed.curves, name)[:30] for each in (same, sized))
        assert np.allclose(one, other)


def test_desks_needed_grow_with_members_but_more_slowly(known: History) -> None:
    needed = [_needed(size(known, members=members).imputed) for members in (30, 45, 60, 90, 120)]
    assert needed == sorted(needed)
    assert needed[-1] < 2 * needed[2]
    assert needed[0] > needed[2] / 2


def _needed(shortage: Shortage) -> int:
    found = shortage.least(1.0)
    assert found is not None
    return found.desks


def test_a_beta_binomials_share_and_rho_are_found_again() -> None:
    chance = np.random.default_rng(3)
    share, rho, members, days = np.array([0.3, 0.4, 0.5, 0.45, 0.2]), 0.02, 200, 5 * 400
    weekday = np.arange(days) % 5
    alpha = share[weekday] * (1 / rho - 1)
    peak = chance.binomial(members, chance.beta(alpha, (1 / rho - 1) - alpha))
    found = attendance(weekday, peak, np.full(days, members))
    assert np.allclose(found.share[:5], share, atol=0.01)
    assert np.allclose(found.rho[:5], rho, atol=0.006)
    assert np.all(np.isnan(found.share[5:]))
    by_chance = attendance(weekday, chance.binomial(members, share[weekday]), np.full(days, members))
    assert np.all(by_chance.rho[:5] < 0.003)


def test_scaled_peaks_have_the_mean_and_the_spread_of_a_beta_binomial() -> None:
    chance = np.random.default_rng(4)
    share, rho, members, days = 0.4, 0.03, 100, 4_000
    weekday = np.zeros(days, dtype=np.int64)
    peak = chance.binomial(members, chance.beta(share * (1 / rho - 1), (1 - share) * (1 / rho - 1), days))
    before = np.full(days, members)
    for other in (50, 200, 400):
        wanted = peak * factors(attendance(weekday, peak, before), weekday, peak, before, other)
        assert wanted.mean() == pytest.approx(other * share, rel=0.02)
        assert wanted.var() == pytest.approx(other * share * (1 - share) * (1 + (other - 1) * rho), rel=0.1)


def test_members_who_became_more_meanwhile_are_reckoned_by_the_day() -> None:
    """Half of the days had 50 members and half 100, each with 40 in 100 there: scaled to 100 they are alike."""
    chance = np.random.default_rng(4)
    before = np.repeat([50, 100], 2_000)
    weekday = np.zeros(4_000, dtype=np.int64)
    peak = chance.binomial(before, 0.4)
    wanted = peak * factors(attendance(weekday, peak, before), weekday, peak, before, 100)
    early, late = wanted[:2_000], wanted[2_000:]
    assert early.mean() == pytest.approx(late.mean(), rel=0.02)
    assert early.std() == pytest.approx(late.std(), rel=0.1)


def test_stays_are_repeated_and_thinned_to_the_factor_within_the_day(known: History) -> None:
    stays, days = known.demand.stays, known.days
    for factor in (0.0, 0.4, 1.0, 2.5):
        found = scaled(stays, np.full(len(days), factor), days, np.random.default_rng(1))
        assert len(found) == pytest.approx(factor * len(stays), rel=0.06)
        assert np.all((found.start >= days.opens[found.day]) & (found.end <= days.closes[found.day]))
    same = scaled(stays, np.ones(len(days)), days, np.random.default_rng(1))
    assert same.start.tolist() == stays.start.tolist()


@pytest.mark.parametrize(
    ("named", "asked", "message"),
    [
        (None, 10, "names no flexible members"),
        (60, 601, "1 to 600"),
        (60, 0, "1 to 600"),
        (5, 10, "are they all named"),
    ],
)
def test_what_cannot_be_scaled_is_refused(known: History, named: int | None, asked: int, message: str) -> None:
    site = replace(office(40), members=() if named is None else (Members(0, 0, named),))
    found = seen(site, 26, known.demand.stays)
    with pytest.raises(ValueError, match=message):
        size(found, members=asked)


def test_a_day_that_is_hardly_known_is_left_out_with_its_reason() -> None:
    site = office(10)
    days = days_of(site, 2)
    part = Stays.of(np.array([1]), days.opens[[1]], days.opens[[1]] + 3 * HOUR)
    silent = Stays.together([part, *[part] * 4])
    found = _with_unknown(silent)
    assert [out.day.isoformat() for out in found.left_out] == ["2026-01-06"]
    assert found.left_out[0].reason == "88% known, 90% needed"
    assert len(found.days) == 9
    assert found.open_days_a_month == pytest.approx(10 / 14 * 365.2425 / 12)


def test_where_no_day_counts_there_are_rows_of_nulls() -> None:
    site = office(10)
    days = days_of(site, 2)
    every = np.repeat(np.arange(len(days)), 10)
    found = _with_unknown(Stays.of(every, days.opens[every], days.closes[every]))
    assert why_nothing(found) == "no data"
    listed = list(no_rows(found, "no data"))
    assert len(listed) == 10
    assert {name for row in listed for name, value in row.items() if value is None} == COLUMNS.keys() - {
        "group", "desks", "imputed", "reason",
    }  # fmt: skip


def _with_unknown(unknown: Stays) -> History:
    site = office(10)
    days = days_of(site, 2)
    none = np.zeros(0, dtype=np.int64)
    offered = Stays(days.day, days.start, days.end)
    number = np.full(len(days.day), 10)
    return history(
        site, "flexible", Demand(days, Stays(none, none, none), unknown, offered, number, 10), window(site, 2)
    )


def test_a_house_that_nobody_enters_needs_no_desk_and_refuses_no_share_of_nobody() -> None:
    none = np.zeros(0, dtype=np.int64)
    found = size(seen(office(4), 13, Stays(none, none, none)))
    listed = list(rows(found))
    assert {row["refused_leave"] for row in listed} == {None}
    assert {row["days_a_month"] for row in listed} == {0.0}
    assert summary(found, 1.0)["peak"] == 0
    assert "For at most one such day a month 1 desk is needed" in headline(found, 1.0)
