"""Open days are remembered of a site as its file is, never longer."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.sizing.days import OpenDays, open_days
from dashboards.answers import opendays
from dashboards.answers.opendays import OpenDaysKept
from spaces.site import CalendarRule
from spaces.times import DAY
from tests.api.office import NOW, office

WINDOW = NOW - 28 * DAY, NOW


def same(one: OpenDays, other: OpenDays) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("date", "day", "start", "end"))


def test_they_are_worked_out_once() -> None:
    site, kept = office(), OpenDaysKept()
    first = kept.of(site, site.spaces, *WINDOW)
    assert kept.of(office(), site.spaces, *WINDOW) is first
    assert same(first, open_days(site, site.spaces, *WINDOW))
    assert len(first) > 15


def test_of_a_changed_site_other_spaces_and_another_window_they_are_worked_out_anew() -> None:
    site, kept = office(), OpenDaysKept()
    first = kept.of(site, site.spaces, *WINDOW)
    weekend = replace(site, calendars=(CalendarRule(weekly=dict.fromkeys((5, 6), ((600, 900),))),))
    assert same(kept.of(weekend, site.spaces, *WINDOW), open_days(weekend, site.spaces, *WINDOW))
    assert len(kept.of(weekend, site.spaces, *WINDOW)) == 8
    assert len(kept.of(site, (), *WINDOW)) == 0
    assert len(kept.of(site, site.spaces, WINDOW[0] + 7 * DAY, WINDOW[1])) == len(first) - 5


def test_what_was_not_asked_for_longest_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opendays, "_MOST", 2)
    site, kept = office(), OpenDaysKept()
    first, second = (kept.of(site, site.spaces, WINDOW[0], WINDOW[1] - back * DAY) for back in (0, 1))
    assert kept.of(site, site.spaces, *WINDOW) is first
    kept.of(site, site.spaces, WINDOW[0], WINDOW[1] - 2 * DAY)
    assert kept.of(site, site.spaces, *WINDOW) is first
    assert kept.of(site, site.spaces, WINDOW[0], WINDOW[1] - DAY) is not second
