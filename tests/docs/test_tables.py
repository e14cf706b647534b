"""Tables of the papers say what the code says: settings, commands, refusals, dependencies, keys of site files."""

import argparse
import re
import tomllib
from typing import Any

import pytest

from ingest.refusals import Reason
from ledig.main import _parser
from ledig.settings import ENVIRONMENT, TABLE
from spaces.sitefile import TABLES
from tests.docs.papers import ROOT, code, read, table

README = read("README.md")


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
    found = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
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
