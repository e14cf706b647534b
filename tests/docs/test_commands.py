"""Every command that the papers show is one that the command line takes, and every target of make one there is."""

import re
import shlex

import pytest

from ledig.commandline import parser_of
from ledig.commands import COMMANDS
from tests.docs.papers import commands, named, papers, read

SHOWN = [
    pytest.param(line, id=f"{named(paper)}: {line[:60]}")
    for paper in papers()
    for line in commands(paper.read_text(encoding="utf-8"))
]


def test_there_are_commands_to_test() -> None:
    assert len(SHOWN) > 10


@pytest.mark.parametrize("line", [shown for shown in SHOWN if str(shown.values[0]).startswith(("ledig ", "make demo"))])
def test_it_is_a_command_that_the_parser_takes(line: str) -> None:
    words = shlex.split(line)
    if words[0] == "make":
        words = ["ledig", "demo", *(part for word in words[2:] for part in shlex.split(word.removeprefix("ARGS=")))]
    parser_of(COMMANDS).parse_args(words[1:])


TESTED = ("ledig ", "make ", "curl ", "mosquitto_pub ")
"""How lines begin that the tests of this folder take."""
DEPLOYING = ("docker compose ", "cp deploy/", "echo DEPLOY_")
"""How lines begin that tests/deploy/test_papers.py takes, in whichever paper they stand."""

INSTALLING = ("pipx install ", "uv tool install ")
"""How lines begin that install the wheel, which tests/packaging does by pip."""


@pytest.mark.parametrize("line", SHOWN)
def test_it_is_of_a_kind_that_is_tested(line: str) -> None:
    assert line.startswith(TESTED + DEPLOYING + INSTALLING)


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    for paper in papers():
        shown = re.findall(r"`make ([a-z]+)|^make ([a-z]+)", paper.read_text(encoding="utf-8"), re.MULTILINE)
        assert {one or other for one, other in shown} <= targets, named(paper)


def test_flags_that_the_papers_name_exist() -> None:
    helps = _every_help()
    for paper in papers():
        for line in re.findall(r"`ledig [^`]+`", paper.read_text(encoding="utf-8")):
            for flag in re.findall(r"--[a-z-]+", line):
                assert flag in helps, f"{named(paper)}: {line}"


def _every_help() -> set[str]:
    """Return the flags of `ledig` and of all its commands."""
    whole = parser_of(COMMANDS)
    choices = next(action.choices for action in whole._actions if action.choices)
    assert isinstance(choices, dict)
    parsers = [whole, *choices.values()]
    return {flag for parser in parsers for action in parser._actions for flag in action.option_strings}
