"""A checkout and its own environment: what runs there sees that code, and no other."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROBE = Path(__file__).with_name("probe.py")
HERE = Path(__file__).parents[2]
"""The checkout that this file is in."""
_PATIENCE = 600.0


class Probe:
    """A process that serves a copy of a data folder with the code of one checkout."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.urls = {name: f"http://127.0.0.1:{port}" for name, port in self._read().items()}

    def append(self, readings: Sequence[Mapping[str, Any]]) -> None:
        """Have it store readings, and return when its API knows."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(list(readings)) + "\n")
        self._process.stdin.flush()
        self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the probe ended with {self._process.wait()}; what it said stands above")
        return json.loads(line)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A checkout of ledig by its folder, with an environment in `.venv` (`make .venv/.installed-dev`)."""

    name: str
    folder: Path

    @property
    def python(self) -> str:
        """Its interpreter. Not resolved: the environment is where the link is."""
        return str(self.folder / ".venv/bin/python")

    @property
    def environment(self) -> dict[str, str]:
        """Variables under which its code alone is imported, and says the same at each run."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("LEDIG_", "PYTHON"))}
        return {
            **own,
            "PYTHONPATH": str(self.folder),
            "TQDM_DISABLE": "1",
            "COLUMNS": "100",
            "TZ": "UTC",
            "LC_ALL": "C",
        }

    def command(self, *words: str) -> list[str]:
        """Return the command line of `ledig`."""
        return [self.python, "-P", "-m", "ledig", *words]

    def run(self, *words: str, cwd: Path) -> None:
        """Run a `ledig` command that has to succeed.

        Raises:
            subprocess.CalledProcessError: it did not.
        """
        subprocess.run(self.command(*words), cwd=cwd, env=self.environment, check=True, timeout=_PATIENCE)

    def roll(self, data: Path, sites: Path, moment: int) -> None:
        """Roll up what a data folder holds."""
        command = [self.python, "-P", str(PROBE), "roll", str(data), str(sites), str(moment)]
        subprocess.run(command, env=self.environment, check=True, timeout=_PATIENCE)

    @contextmanager
    def probe(self, data: Path, sites: Path, moment: int) -> Iterator[Probe]:
        """Have its code serve a data folder."""
        command = [self.python, "-P", str(PROBE), "serve", str(data), str(sites), str(moment)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment, text=True
        ) as process:
            try:
                yield Probe(process)
            finally:
                process.kill()


def checkout(name: str, folder: Path) -> Checkout:
    """Return a checkout.

    Raises:
        SystemExit: it has no environment.
    """
    found = Checkout(name, folder.resolve())
    if not Path(found.python).exists():
        sys.exit(f"{folder} has no environment: make -C {folder} .venv/.installed-dev")
    return found
