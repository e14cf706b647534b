"""The paper on sizing shows a scenario that is read, and lists the keys and the models that there are."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics.forecast import ERROR_DAYS, FEWEST_WEEKS, MEDIAN_WEEKS, SHARE
from analytics.queues.models import MODELS
from ledig.scenario import YEARS
from spaces.fields import Fields
from spaces.mistakes import Mistake
from spaces.scenario import Scenario
from spaces.scenariofile import LISTS, SINGLE, load_scenario
from spaces.scenariolists import read_event, read_stay, read_variant
from spaces.scenarioparts import read_attendance, read_cost, read_head
from tests.docs.papers import blocks, code, read, table

PAPER = read("docs/sizing.md")
ROWS = {code(name).strip("[]"): keys for name, keys in table(PAPER, "table", "keys (required ones in bold)")}


@pytest.fixture
def example(tmp_path: Path) -> Scenario:
    (block,) = blocks(PAPER, "toml scenario.toml")
    (tmp_path / "scenario.toml").write_text(block.text, encoding="utf-8")
    return load_scenario(tmp_path / "scenario.toml")


def test_the_example_is_read(example: Scenario) -> None:
    assert (example.name, example.members, len(example.all())) == ("New house", 160, 5)
    assert all(f"[{name}]" in PAPER for name in (*SINGLE, *LISTS))


def test_the_keys_of_scenario_files_are_those_that_are_read() -> None:
    assert set(ROWS) == {*SINGLE, *LISTS}
    head = read_head(_fields([]))
    readers: dict[str, Callable[[Fields], object]] = {
        "scenario": read_head,
        "attendance": lambda fields: read_attendance(fields, {}, {}),
        "stay": read_stay,
        "event": lambda fields: read_event(fields, {}),
        "cost": read_cost,
        "variant": lambda fields: read_variant(fields, {}, head),
    }
    for name, reader in readers.items():
        mistakes: list[Mistake] = []
        fields = _fields(mistakes)
        reader(fields)
        missing = {mistake.message.split(": ")[1] for mistake in mistakes if "is missing" in mistake.message}
        if name == "scenario":
            missing.add("hours")
        shown = {key.strip("*` "): "**" in key for key in ROWS[name].split(",")}
        assert shown == {key: key in missing for key in fields._asked}, name


def _fields(mistakes: list[Mistake]) -> Fields:
    return Fields({}, what="x", file=Path("x"), line_of=lambda _: 1, mistakes=mistakes)


def test_the_models_are_listed_with_what_they_measure() -> None:
    rows = [(name, measure) for name, measure, *_ in table(PAPER, "model", "measure", "what it assumes")]
    assert rows == [*((model.name, model.measure.replace("_", " ")) for model in MODELS), ("simulated", "all three")]
    assert f"through {YEARS} simulated years" in PAPER


def test_the_paper_on_forecasts_says_what_is_done() -> None:
    paper = re.sub(r"\s+", " ", read("docs/forecast.md"))
    words = {8: "eight", 12: "twelve"}
    assert f"over the last {words[MEDIAN_WEEKS]} weeks" in paper
    assert f"each of the last {words[ERROR_DAYS // 7]} weeks" in paper
    assert f"less than {words[FEWEST_WEEKS]} weeks" in paper
    assert f"hold {SHARE:.0%}".replace("%", " %") in paper
