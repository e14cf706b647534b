"""What is usual is what was measured: order statistics over the days that are known."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from analytics.usual import LEAST, usual

DAYS = st.integers(0, 9).flatmap(
    lambda days: arrays(np.float64, (days, 3), elements=st.floats(0, 9) | st.just(float("nan")))
)


@given(DAYS)
def test_it_is_numpys_order_statistic_of_the_known_days(past: NDArray[np.float64]) -> None:
    found = usual(past)
    for column in range(3):
        known = past[~np.isnan(past[:, column]), column]
        assert found.days[column] == len(known)
        for share, shown in ((0.1, found.lo), (0.5, found.median), (0.9, found.hi)):
            if len(known) < LEAST:
                assert np.isnan(shown[column])
            else:
                assert shown[column] == np.quantile(known, share, method="inverted_cdf")
