"""Every folder below tests/data/formats says what its messages mean."""

from collections import Counter

import pytest

from ingest.formats.families import OURS
from tests.ingest.formats.cases import Case, every_case, expected, heard

CASES = list(every_case())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}-{case.folder.name}")
def test_messages_mean_what_the_case_says(case: Case) -> None:
    for message, said in heard(case):
        assert said == expected(message["says"]), f"{case.about}: {message['topic']}"


def test_each_family_has_at_least_three_cases() -> None:
    number = Counter(case.family for case in CASES)
    assert {family: number[family] for family in OURS if number[family] < 3} == {}
