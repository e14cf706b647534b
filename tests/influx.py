"""A real InfluxDB 2 for the tests: the one that the environment names, or an influxd of one's own."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3

from store.influx.settings import InfluxSettings
from tests.brokers import free_port
from tests.programs import path_of, required

ORG = "ledig-tests"
TOKEN = "a-token-of-the-tests"
"""It opens nothing but empty servers on the loopback."""


class Influxd:
    """An influxd child process with its data in a folder; `start` after `stop` or `kill` finds them again."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "influxd.log"
        self._command = [
            program,
            f"--http-bind-address=127.0.0.1:{self.port}",
            f"--bolt-path={folder / 'influxd.bolt'}",
            f"--sqlite-path={folder / 'influxd.sqlite'}",
            f"--engine-path={folder / 'engine'}",
            "--reporting-disabled",
            "--log-level=warn",
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id, while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it, and set it up where it is new."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        with urllib3.PoolManager(retries=False, timeout=5.0) as pool:
            while not self._is_healthy(pool):
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"influxd does not start: {self._log.read_text()[-800:]}")
                time.sleep(0.05)
            body = {"username": "tests", "password": TOKEN, "org": ORG, "bucket": "first", "token": TOKEN}
            pool.request("POST", f"{self.url}/api/v2/setup", json=body)

    def kill(self) -> None:
        """Kill it without warning."""
        self._end(hard=True)

    def stop(self) -> None:
        """Stop it in good order."""
        self._end(hard=False)

    def settings(self, bucket: str | None = None) -> InfluxSettings:
        """Return settings for a bucket, which is made where none is named."""
        return InfluxSettings(
            url=self.url, org=ORG, bucket=bucket or new_bucket(self.url, ORG, TOKEN), token=TOKEN, write_timeout=30.0
        )

    def _is_healthy(self, pool: urllib3.PoolManager) -> bool:
        try:
            return pool.request("GET", f"{self.url}/health").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def _end(self, *, hard: bool) -> None:
        if self._process is None:
            return
        if hard:
            self._process.kill()
        else:
            self._process.terminate()
        self._process.wait(30)
        self._process = None


def influxd_program() -> str:
    """Return the path of an influxd of version 2, or skip the test (fail it where LEDIG_REQUIRE names it)."""
    program = influxd_path()
    if program is None and path_of("influxd"):
        pytest.skip("the influxd on PATH is not of version 2")
    return program or required("influxd")


def influxd_path() -> str | None:
    """Return the path of an influxd of version 2, None where there is none."""
    program = path_of("influxd")
    if program is None:
        return None
    said = subprocess.run([program, "version"], check=False, capture_output=True, text=True, timeout=30)
    return program if "InfluxDB v2" in said.stdout + said.stderr else None


@contextmanager
def running_influxd(folder: Path, *options: str) -> Iterator[Influxd]:
    """Run an influxd of one's own: for tests that stop or kill it."""
    server = Influxd(influxd_program(), folder, *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def some_influx(folder: Path) -> Iterator[InfluxSettings]:
    """Give settings of a server that may be shared: that of LEDIG_TEST_INFLUXDB_URL, or one's own."""
    url = os.environ.get("LEDIG_TEST_INFLUXDB_URL")
    if url is None:
        with running_influxd(folder) as server:
            yield server.settings("first")
        return
    org, token = os.environ["LEDIG_TEST_INFLUXDB_ORG"], os.environ["LEDIG_TEST_INFLUXDB_TOKEN"]
    yield InfluxSettings(url=url, org=org, bucket="first", token=token, write_timeout=30.0)


def fresh(server: InfluxSettings) -> InfluxSettings:
    """Return the settings of a server with an empty bucket of one's own."""
    return replace(server, bucket=new_bucket(server.url, server.org, server.token))


def new_bucket(url: str, org: str, token: str, *, seconds: int = 0) -> str:
    """Make an empty bucket, which keeps what is written for so many seconds (0: for ever), and return its name."""
    name = f"tests-{uuid4().hex}"
    header = {"Authorization": f"Token {token}"}
    with urllib3.PoolManager(retries=False, timeout=30.0) as pool:
        found = pool.request("GET", f"{url}/api/v2/orgs", fields={"org": org}, headers=header).json()
        rules = [{"type": "expire", "everySeconds": seconds}] if seconds else []
        body = {"orgID": found["orgs"][0]["id"], "name": name, "retentionRules": rules}
        answer = pool.request("POST", f"{url}/api/v2/buckets", json=body, headers=header)
    assert answer.status == 201, json.loads(answer.data)
    return name


def drop_bucket(settings: InfluxSettings) -> None:
    """Remove a bucket with all that is in it."""
    header = {"Authorization": f"Token {settings.token}"}
    with urllib3.PoolManager(retries=False, timeout=30.0) as pool:
        found = pool.request(
            "GET", f"{settings.url}/api/v2/buckets", fields={"name": settings.bucket}, headers=header
        ).json()
        for bucket in found.get("buckets", []):
            pool.request("DELETE", f"{settings.url}/api/v2/buckets/{bucket['id']}", headers=header)
