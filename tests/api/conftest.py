"""The office with its week, once a module: tests that change it open their own."""

from collections.abc import Iterator

import pytest

from tests.api.office import Office, office, week


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The office with a week of readings; not to be changed."""
    with Office(tmp_path_factory.mktemp("office"), list(week(office()))) as opened:
        yield opened
