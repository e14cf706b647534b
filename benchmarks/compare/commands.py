"""The command line of both checkouts: what it prints, its exit status, and the files that it writes."""

import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from benchmarks.compare.answers import bytes_difference
from benchmarks.compare.checkouts import HERE, Checkout
from benchmarks.compare.findings import Findings

WORDS = re.compile(r"^    ([a-z]+) ", re.MULTILINE)
"""Commands in the help of `ledig`."""
OUT = "out"
_ASIDE: Sequence[tuple[str, "re.Pattern[bytes]", bytes]] = (
    ("random ids of charts", re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), b"-"),
    ("how long the store took to answer", re.compile(rb"store_seconds=[0-9.e-]+"), b"store_seconds=0"),
    ("ports of servers of our own", re.compile(rb"127\.0\.0\.1:[0-9]+"), b"127.0.0.1:0"),
)
"""What is not compared of what commands print and write: why, what it is, and what is put in its place."""
_PATIENCE = 300


class Ran(NamedTuple):
    """What came of a command: its parts by name, `status`, `stdout`, `stderr` and files."""

    parts: Mapping[str, bytes]


def compare_commands(
    sides: tuple[Checkout, Checkout], folders: tuple[Path, Path], data: str, findings: Findings
) -> None:
    """Run commands of both in folders that hold copies of the same `data` and `sites`."""
    for folder in folders:
        (folder / "scenario.toml").write_text(_scenario())
    begun = time.monotonic()
    lines = [*OF_EACH, *ONCE, *_helps(sides, folders)] if data == "demo" else OF_EACH
    with ThreadPoolExecutor(2) as pool:
        for words in lines:
            name = f"{data} ledig {' '.join(words)}"
            if findings.wants(name):
                _note(findings, name, *pool.map(_run, sides, folders, [words] * 2))
    print(f"{data} commands: {time.monotonic() - begun:.0f} s", flush=True)


def _helps(sides: tuple[Checkout, Checkout], folders: tuple[Path, Path]) -> list[Sequence[str]]:
    """Return the command lines that help with each command that one side has, or the other."""
    told = [
        _run(side, folder, ("--help",)).parts["stdout"].decode() for side, folder in zip(sides, folders, strict=True)
    ]
    names = sorted({name for text in told for name in WORDS.findall(text)})
    return [("--help",), *((name, "--help") for name in names)]


def compare_figures(
    sides: tuple[Checkout, Checkout], urls: tuple[str, str], folders: tuple[Path, Path], findings: Findings
) -> None:
    """Have each side's `ledig figures` ask its own API, and compare what it would write to InfluxDB."""
    if not findings.wants("ledig figures"):
        return
    found = []
    for side, url, folder in zip(sides, urls, folders, strict=True):
        (folder / "token").write_text("token")
        with listening() as (influx, written):
            words = (
                "figures",
                "--api-url",
                url,
                "--influxdb-url",
                influx,
                "--influxdb-token-file",
                "token",
                "--days",
                "2",
            )
            ran = _run(side, folder, words)
            found.append(Ran({**ran.parts, "line protocol": _masked(b"".join(written), side, folder)}))
    _note(findings, "ledig figures", *found)


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """Stand in for an InfluxDB that takes whatever is written; give its address, and what was."""
    written: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            written.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", written
    finally:
        server.shutdown()
        server.server_close()


_HELD = ("--data", "data", "--sites", "sites")
_NOBODY = ("--broker", "mqtt://127.0.0.1:1")
_REPORT = ("report", *_HELD, "--out", f"{OUT}/report.html")
_EXPORT = ("export", "--data", "data", "--out", f"{OUT}/export")
OF_EACH: Sequence[Sequence[str]] = (
    ("forecast", *_HELD), ("size", *_HELD), ("size", *_HELD, "--format", "json"), ("size", *_HELD, "--pool", "fixed"),
    _REPORT, _EXPORT, ("check", *_HELD, *_NOBODY), ("grafana", "build", "--sites", "sites", "--out", f"{OUT}/grafana"),
)  # fmt: skip
"""Command lines that are run over each data set."""
ONCE: Sequence[Sequence[str]] = (
    ("forecast", *_HELD, "--back-test"),
    ("forecast", *_HELD, "--kind", "desk", "--assignment", "flexible", "--stay", "8"),
    ("forecast", *_HELD, "--floor", "nowhere"), ("forecast", *_HELD, "--assignment", "wrong"),
    ("forecast", *_HELD, "--assignment", "fixed"), ("forecast", *_HELD, "--stay", "13"),
    ("forecast", *_HELD, "--site", "nowhere"), ("size", *_HELD, "--format", "csv"),
    ("size", *_HELD, "--members", "300", "--target", "0.5"), ("size", *_HELD, "--members", "0"),
    ("size", *_HELD, "--from", "2025-09-01", "--to", "2025-10-01"),
    ("size", *_HELD, "--from", "2025-10-01", "--to", "2025-09-01"),
    *(("size", "--scenario", "scenario.toml", "--years", "5", "--format", form) for form in ("text", "json")),
    ("size", "--scenario", "none.toml"),
    (*_REPORT, "--language", "de", "--from", "2025-10-01", "--to", "2025-10-15"),
    (*_REPORT, "--from", "2025-05-05", "--to", "2025-05-12"), (*_REPORT, "--from", "2030-01-01"),
    (*_REPORT, "--to", "x"), ("report", *_HELD, "--out", "nowhere/report.html"),
    (*_EXPORT, "--from", "2025-10-01", "--to", "2025-10-03"), (*_EXPORT, "--site", "nowhere"),
    ("import", "--data", f"{OUT}/imported", "export"), ("import", "--data", f"{OUT}/imported", "none"),
    ("export", "--data", "none", "--out", f"{OUT}/export"), ("check", "--data", "none", *_NOBODY),
    ("check", "--sites", "nowhere", *_NOBODY), ("check", "--store", "wrong"), ("check", "--settings", "none.toml"),
    ("grafana", "build", "--out", f"{OUT}/grafana"),
    ("simulate", "--from", "2025-10-25T00:00:00Z", "--to", "2025-10-27T00:00:00Z", "--out", f"{OUT}/simulated"),
    ("replay", "none.jsonl.gz"), ("convert", "none.toml", "--out", f"{OUT}/none.jsonl.gz"),
    (), ("nonsense",), ("report", "--nonsense"), ("serve", "--data", "data"), ("ingest", "--data", "data"),
    *((name, "--data", "none", "--sites", "sites") for name in ("api", "rollup", "forecast", "report", "size")),
    ("figures", "--api-url", "http://127.0.0.1:1", "--influxdb-token-file", "none"),
)  # fmt: skip
"""Command lines, good and bad, that are run over one data set; what the two days' `export` wrote is imported."""


def _run(side: Checkout, folder: Path, words: Sequence[str]) -> Ran:
    out = folder / OUT
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    ran = subprocess.run(
        side.command(*words), cwd=folder, env=side.environment, capture_output=True, timeout=_PATIENCE, check=False
    )
    parts = {"status": str(ran.returncode).encode(), "stdout": ran.stdout, "stderr": ran.stderr}
    files = sorted(file for file in out.rglob("*") if file.is_file() and file.suffix not in {".duckdb", ".wal"})
    parts |= {str(file.relative_to(folder)): file.read_bytes() for file in files}
    if (out / "export").exists() and "--from" in words:
        shutil.copytree(out / "export", folder / "export")
    return Ran({name: _masked(part, side, folder) for name, part in parts.items()})


def _masked(part: bytes, side: Checkout, folder: Path) -> bytes:
    for path in (folder, side.folder):
        part = part.replace(str(path).encode(), b"...")
    for _, pattern, instead in _ASIDE:
        part = pattern.sub(instead, part)
    return part


def _note(findings: Findings, name: str, old: Ran, new: Ran) -> None:
    for part in dict.fromkeys((*old.parts, *new.parts)):
        one, other = old.parts.get(part), new.parts.get(part)
        if one is None or other is None:
            findings.note(f"{name} {part}", "is new" if one is None else "is gone")
        else:
            findings.note(f"{name} {part}", bytes_difference(one, other))


def _scenario() -> str:
    """Return the scenario of docs/sizing.md."""
    text = (HERE / "docs/sizing.md").read_text(encoding="utf-8")
    return text.partition("```toml scenario.toml\n")[2].partition("```")[0]
