"""The Dockerfile: what comes into its context, what pip installs of it, and what a container then has."""

import fnmatch
import http.server
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.brokers import free_port
from tests.deploy.compose import HOUSE
from tests.docs.papers import read
from tests.docs.test_tables import pyproject
from tests.packaging.wheels import build_wheel, tracked

PACKAGES = pyproject()["tool"]["importlinter"]["root_packages"]
DOCKERFILE = read("Dockerfile").replace("\\\n", " ")


def sent(paths: list[str]) -> list[str]:
    """Return those paths that .dockerignore lets through; its last matching line decides."""
    rules = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
    return [path for path in paths if not _ignored(path, rules)]


def _ignored(path: str, rules: list[str]) -> bool:
    parents = ["/".join(path.split("/")[: depth + 1]) for depth in range(path.count("/") + 1)]
    ignored = False
    for rule in rules:
        pattern = rule.removeprefix("!")
        patterns = [pattern, pattern.removeprefix("**/")]
        if any(fnmatch.fnmatch(parent, one) for parent in parents for one in patterns):
            ignored = not rule.startswith("!")
    return ignored


def test_no_secret_no_data_and_no_test_comes_into_the_image() -> None:
    for path in (
        "deploy/secrets/ca.key",
        ".env",
        "data/ledig.duckdb",
        ".git/config",
        "tests/conftest.py",
        ".venv/bin/x",
    ):
        assert sent([path]) == [], path
    assert sent(["ledig/__pycache__/main.cpython-312.pyc", "ledig.egg-info/PKG-INFO"]) == []
    assert {path.split("/")[0] for path in sent(tracked())} == {
        *PACKAGES, "pyproject.toml", "requirements.lock", "README.md", "LICENSE",
    }  # fmt: skip


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build ledig from what comes into the image, as its Dockerfile does, and unpack it."""
    folder = tmp_path_factory.mktemp("image")
    with zipfile.ZipFile(build_wheel(sent(tracked()), folder)) as archive:
        archive.extractall(folder / "site-packages")
    return folder / "site-packages"


def test_what_is_installed_has_every_file_of_our_packages(installed: Path) -> None:
    ours = {path for path in tracked() if path.split("/")[0] in PACKAGES}
    there = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert {path for path in there if ".dist-info/" not in path} == ours


def test_what_is_installed_works_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    linking = re.search(r'ln -s "\$\(/opt/ledig/bin/python -I -c \'(.+?)\'\)" (\S+)', DOCKERFILE)
    assert linking
    assert linking[2] == HOUSE
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); {linking[1]}"
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    house = Path(done.stdout.strip())
    assert house == installed / "simulator/betahaus"
    start = f"import sys; sys.path.insert(0, {str(installed)!r}); from ledig.main import main; main()"
    arguments = ["check", "--sites", str(house), "--data", str(tmp_path), "--broker", f"mqtt://127.0.0.1:{free_port()}"]
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", start, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 2
    assert "site betahaus: 102 flexible and 48 fixed desks" in done.stdout
    assert "cannot be reached" in done.stderr


def test_two_stages_and_pip_by_hashes() -> None:
    assert len(re.findall(r"^FROM ", DOCKERFILE, re.MULTILINE)) == 2
    installs = re.findall(r"pip install (.+)$", DOCKERFILE, re.MULTILINE)
    assert "--require-hashes --requirement requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation ." in installs[1]
    assert len(installs) == 2
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "pip" not in last
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert last.index("USER ") > last.rindex("RUN "), "what is run later runs as nobody in particular"


@pytest.mark.parametrize("line", re.findall(r"^RUN (.+)$", DOCKERFILE, re.MULTILINE))
def test_what_is_run_is_shell(line: str) -> None:
    subprocess.run(["/bin/sh", "-n", "-c", line], check=True)
    assert "curl" not in line
    assert "apt-get" not in line


class _Health(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/healthz" else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""


@pytest.mark.parametrize(("status", "expected"), [(200, 0), (500, 1)])
def test_the_health_check_of_the_image_goes_by_what_is_answered(status: int, expected: int) -> None:
    found = re.search(r'HEALTHCHECK .*CMD \["python", "-c", "(.+)"\]', DOCKERFILE)
    assert found
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Health,), {"status": status}))
    code = found[1].replace("8080", str(server.server_address[1]))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
        assert done.returncode == expected
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 1
