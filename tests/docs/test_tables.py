"""Tables of the papers say what the code says: settings, commands, refusals, dependencies, keys of site files."""

import argparse
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from prometheus_client import CollectorRegistry

from dashboards.api import ApiSettings, create_app
from ingest.metrics import IngestCollector, SpoolCollector
from ingest.refusals import Reason
from ingest.settings import IngestSettings
from ingest.worker import Worker
from ledig.commandline import parser_of
from ledig.commands import COMMANDS
from ledig.rolling import RollupLoop
from ledig.rollupmetrics import RollupCollector
from ledig.settings import ENVIRONMENT, TABLE
from spaces.fields import Fields
from spaces.mistakes import Mistake
from spaces.models.shelf import our_models
from spaces.sitefile import TABLES
from spaces.siteparts import (
    read_calendar,
    read_capacity,
    read_floor,
    read_members,
    read_sensor,
    read_space,
    read_zone,
)
from store.embedded.duck import EmbeddedStore
from store.live import LiveStates
from store.protocol import Store
from store.spool import Spool, SpooledStore
from tests.docs.papers import ROOT, code, named, papers, read, table
from tests.web.served import Served

README = read("README.md")
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_settings_are_those_of_the_code() -> None:
    rows = table(README, "name", "environment variable", "default", "meaning")
    assert rows == [
        [f"`{name}`", f"`{ENVIRONMENT}{name.upper()}`", f"`{one.default}`" if one.default else "none", one.meaning]
        for name, one in TABLE.items()
    ]


def test_the_commands_are_those_of_the_command_line() -> None:
    rows = table(README, "command", "what it does")
    assert [code(name) for name, _ in rows] == [f"ledig {name}" for name in subcommands()]


def test_the_refusal_reasons_are_those_of_the_code_in_their_order() -> None:
    assert [code(reason) for reason, _ in table(README, "reason", "why")] == [reason.value for reason in Reason]


def test_each_dependency_is_explained_and_nothing_else_is() -> None:
    project = pyproject()["project"]
    rows = table(README, "package", "what for", "why this one", "licence")
    assert all(all(row) for row in rows)
    assert {code(row[0]) for row in rows} == {_name(package) for package in project["dependencies"]}


def test_each_package_that_only_work_on_ledig_needs_is_listed() -> None:
    extras = pyproject()["project"]["optional-dependencies"].values()
    rows = table(README, "package", "what for", "licence")
    assert all(all(row) for row in rows)
    assert {code(row[0]) for row in rows} == {_name(package) for extra in extras for package in extra}


def test_the_tables_of_site_files_are_those_that_are_read() -> None:
    rows = table(read("docs/design.md"), "table", "keys (required ones in bold)")
    assert {code(name).strip("[]") for name, _ in rows} == set(TABLES)


READERS: dict[str, Callable[[Fields], object]] = {
    "members": lambda fields: read_members(fields, BERLIN),
    "calendar": read_calendar,
    "floor": read_floor,
    "zone": read_zone,
    "space": lambda fields: read_space(fields, {}),
    "capacity": lambda fields: read_capacity(fields, BERLIN),
    "sensor": lambda fields: read_sensor(fields, BERLIN, our_models()),
}


@pytest.mark.parametrize("name", READERS)
def test_the_keys_of_site_files_are_those_that_are_read(name: str) -> None:
    mistakes: list[Mistake] = []
    desk = {"kind": "desk"}  # the one kind that needs no capacity
    fields = Fields(desk, what=name, file=Path("x"), line_of=lambda _: 1, mistakes=mistakes)
    READERS[name](fields)
    missing = {mistake.message.split(": ")[1] for mistake in mistakes if "is missing" in mistake.message}
    asked = {key: key in {*missing, *desk} for key in fields._asked}
    rows = dict(table(read("docs/design.md"), "table", "keys (required ones in bold)"))
    shown = {key.strip("*` "): "**" in key for key in rows[f"`[[{name}]]`"].split(",")}
    assert shown == asked


def test_the_metrics_are_those_that_are_shown(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", most_bytes=1 << 20)
    store = SpooledStore(EmbeddedStore(tmp_path), spool, hold=None)
    registry = CollectorRegistry()
    worker = Worker(IngestSettings(quarantine=tmp_path), store, dict, lambda: 0)
    registry.register(IngestCollector(worker))
    registry.register(SpoolCollector(store))
    live = LiveStates(store)
    loop = RollupLoop(store, live, dict, lambda: 0, tmp_path / "rollups", every=15)
    registry.register(RollupCollector(loop))
    with Served(create_app(ApiSettings(), store, live, dict, lambda: 0, registry)) as served:
        httpx.get(served.url + "metrics", timeout=20).raise_for_status()
    names = [metric.name for metric in registry.collect()]
    worker._link.close()
    store.close()
    assert {code(name) for name, _ in table(read("docs/design.md"), "metric", "meaning")} == set(names)


def test_the_metrics_that_papers_name_are_there() -> None:
    listed = {code(name) for name, _ in table(read("docs/design.md"), "metric", "meaning")}
    for paper in papers():
        found = re.findall(r"`(ledig_[a-z_]+)", paper.read_text(encoding="utf-8"))
        named_ = {name.removesuffix("_total") for name in found if not name.endswith("_")}
        assert named_ <= listed | {"ledig_figure"}, named(paper)


def test_the_methods_of_a_store_are_as_many_as_are_listed() -> None:
    design = read("docs/design.md")
    methods = [name for name in vars(Store) if not name.startswith("_")]
    words = {7: "seven"}
    assert f"a Protocol of {words[len(methods)]} methods" in design
    assert f"A store has {words[len(methods)]} methods" in design


def test_the_view_for_other_tools_has_the_columns_that_are_shown(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    found = {row[0] for row in store._connection.execute("DESCRIBE occupancy").fetchall()}
    store.close()
    rows = table(read("docs/design.md"), "column of `occupancy`")
    assert {code(name) for row in rows for name in row[0].split(", ")} == found


@pytest.mark.parametrize("page", sorted((ROOT / "docs/decisions").glob("0*.md")), ids=named)
def test_a_decision_says_what_led_to_it_and_what_would_undo_it(page: Path) -> None:
    sections = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == ["Context", "Choice", "What it costs", "What would change our mind"]


def test_the_folders_are_those_of_the_import_rule() -> None:
    rows = table(read("docs/design.md"), "folder", "what lives in it", "may import")
    assert {code(row[0]).rstrip("/") for row in rows} == set(pyproject()["tool"]["importlinter"]["root_packages"])


@pytest.mark.parametrize("place", ["pyproject.toml", "ledig/settings.py"])
def test_decisions_that_code_refers_to_exist(place: str) -> None:
    for number in re.findall(r"docs/decisions/(\d{4})", read(place)):
        assert list((ROOT / "docs/decisions").glob(f"{number}-*.md")), number


def test_the_list_of_decisions_is_whole() -> None:
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", read("docs/decisions/README.md"))
    assert listed == sorted(path.name for path in (ROOT / "docs/decisions").glob("0*.md"))


def test_the_version_is_in_the_changelog() -> None:
    assert f"## [{pyproject()['project']['version']}]" in read("CHANGELOG.md")


def pyproject() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def subcommands() -> list[str]:
    found = [action for action in parser_of(COMMANDS)._actions if isinstance(action, argparse._SubParsersAction)]
    return list(found[0].choices)


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return found[0]


def test_sections_of_the_design_that_code_refers_to_exist() -> None:
    sections = set(re.findall(r"^## (\d)\. ", read("docs/design.md"), re.MULTILINE))
    referred = [
        number
        for folder in pyproject()["tool"]["importlinter"]["root_packages"]
        for path in (ROOT / folder).rglob("*.py")
        for number in re.findall(r"docs/design\.md, section (\d)", path.read_text(encoding="utf-8"))
    ]
    assert referred
    assert set(referred) <= sections
