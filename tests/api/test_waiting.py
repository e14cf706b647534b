"""A question that takes long keeps nobody waiting but those who ask the same: not other sites, nor other questions."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from spaces.readings import Readings
from spaces.times import DAY, HOUR, Millis, rfc3339
from store.embedded.duck import EmbeddedStore
from store.rollups import RollupFiles
from tests.api.office import NOW, Office, office, week

TODAY = NOW // DAY * DAY
PATIENCE = 60
COLD, WARM = office(), replace(office(), id="annex")
QUESTIONS: dict[str, dict[str, str]] = {
    "forecast": {},
    "sizing": {"from": rfc3339(TODAY - 5 * DAY), "to": rfc3339(TODAY)},
    "utilisation": {"from": rfc3339(TODAY - 5 * DAY), "to": rfc3339(TODAY - DAY)},
    "sessions": {"from": rfc3339(TODAY - 5 * DAY), "to": rfc3339(TODAY - DAY)},
}
"""What asks for days that are over."""
ELSEWHERE: dict[str, dict[str, str]] = {
    "status": {},
    "heatmap": {"from": rfc3339(TODAY + HOUR), "to": rfc3339(NOW)},
    "utilisation": {"from": rfc3339(TODAY - 20 * DAY), "to": rfc3339(TODAY - 10 * DAY)},
    "sizing": {"from": rfc3339(TODAY - 50 * DAY), "to": rfc3339(TODAY - 20 * DAY)},
}
"""What asks the same site for others."""


class Holding(EmbeddedStore):
    """A store that holds the first read of one site until it may go on, and notes what is read of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reached, self.may_go_on = threading.Event(), threading.Event()
        self.reads: list[tuple[Millis, Millis]] = []

    def read(self, site: str, start: Millis, end: Millis) -> Readings:
        if site == COLD.id:
            self.reads.append((start, end))
            if not self.reached.is_set():
                self.reached.set()
                assert self.may_go_on.wait(PATIENCE)
        return super().read(site, start, end)


class Houses:
    """Two sites behind one API, the first read of one of which is held."""

    def __init__(self, folder: Path, *, rolled: bool) -> None:
        self.store = Holding(folder / "data")
        self.store.append([*week(COLD), *week(WARM)])
        files = RollupFiles(folder / "rollups") if rolled else None
        self.office = Office(folder, store=self.store, site=COLD, rollups=files)
        self.office.sites = {COLD.id: COLD, WARM.id: WARM}

    def ask(self, site: str, question: str, query: dict[str, str]) -> httpx.Response:
        return self.office.get(f"v1/sites/{site}/{question}", **query)


@pytest.fixture(params=[False, True], ids=["from readings", "with roll-ups"])
def houses(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Houses]:
    opened = Houses(tmp_path, rolled=request.param)
    with opened.office:
        yield opened
        opened.store.may_go_on.set()


@pytest.mark.parametrize("held", QUESTIONS)
def test_while_one_is_held_other_sites_and_other_questions_are_answered(houses: Houses, held: str) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(houses.ask, COLD.id, held, QUESTIONS[held])
        assert houses.store.reached.wait(PATIENCE)
        for question, query in QUESTIONS.items():
            assert houses.ask(WARM.id, question, query).status_code == 200, question
        for question, query in ELSEWHERE.items():
            assert houses.ask(COLD.id, question, query).status_code == 200, question
        assert not waiting.done()
        houses.store.may_go_on.set()
        late = waiting.result(PATIENCE)
    assert late.status_code == 200
    assert late.json() == houses.ask(COLD.id, held, QUESTIONS[held]).json()


@pytest.mark.parametrize("held", ["forecast", "sizing"])
def test_many_who_ask_the_same_at_once_read_it_once(houses: Houses, held: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(houses.ask, COLD.id, held, QUESTIONS[held]) for _ in range(8)]
        assert houses.store.reached.wait(PATIENCE)
        houses.store.may_go_on.set()
        answers = {answer.result(PATIENCE).content for answer in waiting}
    assert len(answers) == 1
    assert len(houses.store.reads) == len(set(houses.store.reads))
