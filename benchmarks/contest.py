"""Contenders that answer one question over the same columns, each in a process of its own, in turns."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from benchmarks.memory import peak, resident

ROUNDS = 5

Columns = Mapping[str, NDArray[Any]]
Answer = NDArray[np.int64]
Contenders = Mapping[str, Callable[[Columns], Callable[[], Answer]]]
"""By name: what makes columns ready in the form a contender likes best, and gives what asks it once."""


class Run(msgspec.Struct):
    """One run of a contender, and how much its memory has grown beyond the columns so far."""

    seconds: float
    extra_bytes: int


def in_turns(module: str, contenders: Iterable[str], folder: Path) -> dict[str, list[Run]]:
    """Let the contenders run one after another, round by round: what else the machine does meets them all."""
    with ExitStack() as stack:
        children = {name: stack.enter_context(_child(module, name, folder)) for name in contenders}
        rounds = [{name: _ask(child) for name, child in children.items()} for _ in range(ROUNDS)]
        for child in children.values():
            assert child.stdin
            child.stdin.close()
    return {name: [found[name] for found in rounds] for name in children}


def assert_equal(contenders: Iterable[str], folder: Path) -> None:
    """Assert that contenders left the same answer in a folder.

    Raises:
        AssertionError: they did not.
    """
    answers = {name: np.load(folder / f"{name}.answer.npy") for name in contenders}
    for name, answer in answers.items():
        if not np.array_equal(answer, answers["ledig"]):
            raise AssertionError(f"{name} and ledig do not agree")


def contend(contenders: Contenders, name: str, folder: Path, wanted: Sequence[str]) -> None:
    """Run a contender on the columns in a folder for each line that comes in; leave its answer in the folder."""
    columns = {column: np.load(folder / f"{column}.npy") for column in wanted}
    ask = contenders[name](columns)
    ready = resident()
    for _ in sys.stdin:
        began = time.perf_counter()
        answer = ask()
        seconds = time.perf_counter() - began
        extra = peak() - ready
        np.save(folder / f"{name}.answer.npy", answer)
        print(msgspec.json.encode(Run(seconds, extra)).decode(), flush=True)


def _child(module: str, contender: str, folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, "--contender", contender, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _ask(child: subprocess.Popen[bytes]) -> Run:
    """Ask for one run; an empty answer, of a child that died, is no JSON and raises."""
    assert child.stdin
    assert child.stdout
    child.stdin.write(b"\n")
    child.stdin.flush()
    return msgspec.json.decode(child.stdout.readline(), type=Run)
