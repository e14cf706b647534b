"""Levels by eights are what one comes to step by step."""

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.eights import Eights

STEPS = st.lists(st.booleans(), max_size=70)


def levels(up: list[bool]) -> list[int]:
    return list(accumulate((1 if one else -1 for one in up), initial=0))


def eights(up: list[bool]) -> Eights:
    return Eights.of(np.array(up, dtype=np.int8))


@given(STEPS)
def test_the_level_at_each_place(up: list[bool]) -> None:
    assert eights(up).level(np.arange(len(up) + 1)).tolist() == levels(up)


@given(STEPS, st.data())
def test_the_highest_of_stretches(up: list[bool], data: st.DataObject) -> None:
    marks = sorted(data.draw(st.lists(st.integers(0, len(up)), min_size=2, max_size=12)))
    stretches = [(low, data.draw(st.integers(low, high))) for low, high in pairwise(marks)]
    first, last = (np.array(ends, dtype=np.intp) for ends in zip(*stretches, strict=True))
    plain = [max(levels(up)[low : high + 1]) for low, high in stretches]
    assert eights(up).highest(first, last).tolist() == plain


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 64, 10_000])
def test_nothing_but_ups_rises_to_its_end(length: int) -> None:
    found = eights([True] * length)
    assert found.highest(np.array([0]), np.array([length])).tolist() == [length]
    assert found.level(np.array([length])).tolist() == [length]
