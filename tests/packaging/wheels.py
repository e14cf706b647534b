"""A wheel of ledig, made of nothing but what git knows."""

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.docs.papers import ROOT


def tracked() -> list[str]:
    """Return the paths that git knows, from the checkout's folder."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def build_wheel(paths: Iterable[str], folder: Path) -> Path:
    """Build a wheel of these paths in a folder, fetching nothing, and return its file."""
    for path in paths:
        (folder / "build" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / "build" / path)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--no-build-isolation", "--wheel-dir", str(folder), "."],
        cwd=folder / "build", check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    return wheel
