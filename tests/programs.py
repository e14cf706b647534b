"""What some tests need and a machine may not have, and how it is asked for."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def path_of(name: str) -> str | None:
    """Return the path of a program, None where it is not installed."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def required(name: str) -> str:
    """Return the path of a program, or skip the test; fail it where LEDIG_REQUIRE names the program."""
    found = path_of(name)
    if found is None:
        miss(name, f"{name} is not installed (Debian: apt-get install {name})")
    return found


def asked_for(name: str) -> None:
    """Skip a test that takes long, unless LEDIG_REQUIRE names the program that it is of or LEDIG_LONG is 1."""
    if os.environ.get("LEDIG_LONG") != "1" and not _is_required(name):
        pytest.skip(f"takes long: LEDIG_REQUIRE={name} or LEDIG_LONG=1 asks for it")


def _is_required(name: str) -> bool:
    return name in [part.strip() for part in os.environ.get("LEDIG_REQUIRE", "").split(",")]


def miss(name: str, why: str) -> NoReturn:
    """Skip the test for want of something; fail it where LEDIG_REQUIRE names that."""
    if _is_required(name):
        pytest.fail(f"LEDIG_REQUIRE names {name}: {why}")
    pytest.skip(why)


def shared(part: str) -> Path:
    """Return a path of the material beside the checkout, or skip the test where it is not there."""
    path = Path(__file__).parents[2] / "shared" / part
    if not path.exists():
        pytest.skip(f"../shared/{part} is not beside the checkout")
    return path
