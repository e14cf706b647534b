"""The page on sensors of others names what there is: families, models, and what is left out and why."""

import re
import tomllib
from pathlib import Path

from ingest.formats.families import OURS
from spaces.models.shelf import our_models

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def names(heading: str, column: int) -> set[str]:
    """Return what stands in code in a column of the table that has a heading."""
    table = PAGE[PAGE.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return {name for row in table for name in re.findall(r"`([^`]+)`", row.split("|")[column])}


def test_the_families_are_those_there_are() -> None:
    assert names("| family | `family` |", 2) == set(OURS)


def test_the_models_are_those_there_are() -> None:
    own = {name for name in our_models() if not name.endswith("native")}
    assert names("| model | `format` |", 2) == own


def test_what_is_left_out_stands_there_with_its_reason() -> None:
    left = {}
    for file in (ROOT / "tests" / "data" / "payloads").glob("*.toml"):
        left.update(tomllib.loads(file.read_text(encoding="utf-8")).get("left", {}))
    told = dict(re.findall(r"^\| `([\w-]+)` \| (its .*?) \|$", PAGE, re.MULTILINE))
    assert told == left
