"""System programs that some tests need, and how they are asked for."""

import os
import shutil
from pathlib import Path

import pytest


def path_of(name: str) -> str | None:
    """Return the path of a program, None where it is not installed."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def required(name: str) -> str:
    """Return the path of a program, or skip the test; fail it where LEDIG_REQUIRE names the program."""
    found = path_of(name)
    if found:
        return found
    wanted = [part.strip() for part in os.environ.get("LEDIG_REQUIRE", "").split(",")]
    if name in wanted:
        pytest.fail(f"{name} is required by LEDIG_REQUIRE and is not installed")
    pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")


def shared(part: str) -> Path:
    """Return a path of the material beside the checkout, or skip the test where it is not there."""
    path = Path(__file__).parents[2] / "shared" / part
    if not path.exists():
        pytest.skip(f"../shared/{part} is not beside the checkout")
    return path
