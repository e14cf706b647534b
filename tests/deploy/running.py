"""Running a service's own command without a container, guarded as far as this machine lets us guard it.

As root, and where namespaces may be made: as the service's user, without capabilities, with new privileges barred,
in a root file system that is read-only but for its volumes and its folders in memory. Else as ourselves.
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.deploy.compose import ROOT, Place
from tests.programs import required

WAIT = 60.0
_GUARD = """
set -e
mount --make-rprivate /
for folder in $WRITABLE; do mount --bind "$folder" "$folder"; done
mount -o remount,ro,bind /
exec "$@"
"""


@functools.cache
def may_guard() -> bool:
    """Whether this machine lets us make a mount namespace with a read-only root."""
    if os.geteuid() or not shutil.which("unshare") or not shutil.which("setpriv"):
        return False
    probe = ["unshare", "--mount", "sh", "-c", _GUARD, "guard", "true"]
    done = subprocess.run(probe, env={**os.environ, "WRITABLE": ""}, capture_output=True, check=False)
    return done.returncode == 0


def guarded(place: Place, name: str, command: Sequence[str]) -> list[str]:
    """Return a command that runs another as a service runs."""
    user, group = place.service(name)["user"].split(":")
    writable = place.writable(name)
    if not may_guard():
        return [*command]
    if command[0] == interpreter() and not ours_is_reachable():
        user, group = "0", "0"
    for folder in writable:
        os.chown(folder, int(user), int(group))
    (extra,) = place.service(name)["group_add"]
    privileges = ["--reuid", user, "--regid", group, "--groups", extra, "--no-new-privs", "--pdeathsig", "KILL"]
    privileges += ["--bounding-set", "-all", "--inh-caps", "-all"]
    return ["unshare", "--mount", "sh", "-c", _GUARD, "guard", "setpriv", *privileges, *command]


def environment(place: Place, name: str) -> dict[str, str]:
    """Return the environment of a service, and what any program needs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("LEDIG_", "DEPLOY_"))}
    scratch = place.scratch(name).get("/tmp", place.folder)
    writable = " ".join(map(str, place.writable(name)))
    packages = f"{ROOT}:{sysconfig.get_path('purelib')}"
    ours = {"PYTHONPATH": packages, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(scratch), "WRITABLE": writable}
    return {**kept, **ours, **place.environment(name)}


def reachable(*paths: Path) -> bool:
    """Whether a user that is nobody in particular may come to all of these paths, and to where they lead."""
    return all(part.stat().st_mode & 0o001 for path in paths for end in (path, path.resolve()) for part in end.parents)


@functools.cache
def interpreter() -> str:
    """Return this Python, or the system's of the same version where that is one that other users can come to."""
    system = f"/usr/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    if os.geteuid() == 0 and not reachable(Path(sys.executable)) and Path(system).exists():
        return system
    return sys.executable


def ours_is_reachable() -> bool:
    """Whether other users can come to our code and to what it needs, or all of it is root's alone."""
    return reachable(Path(interpreter()), ROOT / "pyproject.toml", Path(sysconfig.get_path("purelib"), "x"))


class Running:
    """A service's process, with what it says in a file."""

    def __init__(self, place: Place, name: str, command: Sequence[str]) -> None:
        self.log = place.folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                guarded(place, name, command), env=environment(place, name), stdout=log, stderr=log, cwd="/"
            )
        self._place, self._name = place, name

    def healthy(self) -> bool:
        """Whether the service's own health check succeeds now."""
        return check(self._place, self._name).returncode == 0

    def until_healthy(self) -> None:
        """Wait until the health check succeeds."""
        deadline = time.monotonic() + WAIT
        while not self.healthy():
            assert self.process.poll() is None, f"{self._name} ended:\n{self.said}"
            assert time.monotonic() < deadline, f"{self._name} is not healthy:\n{self.said}"
            time.sleep(0.1)

    @property
    def said(self) -> str:
        """What it has said."""
        return self.log.read_text(errors="replace")[-3_000:]

    def end(self, *, hard: bool = False) -> int:
        """End it, without warning or in good order, and return its exit status."""
        if self.process.poll() is None:
            self.process.kill() if hard else self.process.terminate()
        return self.process.wait(WAIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(hard=kind is not None)


def check(place: Place, name: str) -> subprocess.CompletedProcess[str]:
    """Run a service's health check once."""
    program, *arguments = place.health(name)
    found = sys.executable if program == "python" else program if program.startswith("/") else required(program)
    return subprocess.run(
        [found, *arguments], env=environment(place, name), capture_output=True, text=True, check=False, timeout=30
    )


def program(name: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line of a service: of our image, or of an installed program of the image's name."""
    if name == "ledig":
        return [interpreter(), "-m", "ledig", *arguments]
    return [required(name), *arguments]
