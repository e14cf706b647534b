"""Every row of a dump accounted for: taken, repeated, or left out and why."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.convert.refusals import CHOSEN, FATAL, Reason
from simulator.convert.values import Bent
from spaces.mistakes import FileError, Mistake
from spaces.summary import counted

MOST_NAMED = 20
"""So many mistakes of a dump are named; the rest is counted."""


@dataclass(slots=True)
class FileAccount:
    """What became of a file, in values: a row has one for each of its sensors.

    At the end `values == taken + repeated + sum(left_out.values())`. `passed_over` counts lines that are no rows.
    `first` is the line at which each reason was met first.
    """

    file: Path
    number: int
    rows: int = 0
    values: int = 0
    taken: int = 0
    repeated: int = 0
    left_out: Counter[Reason] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    first: dict[Reason, int] = field(default_factory=dict)

    def leave_out(self, reason: Reason, line: int, values: int = 1) -> None:
        """Count values that are left out."""
        self.left_out[reason] += values
        self.first.setdefault(reason, line)


class Account:
    """What became of a dump: its files, what was bent into shape, and the first few mistakes."""

    def __init__(self) -> None:
        self.files: list[FileAccount] = []
        self.bent: Counter[Bent] = Counter()
        self.warnings: list[Mistake] = []
        self.mistakes: list[Mistake] = []
        self.wrong = 0
        """Mistakes in all."""
        self.skippable = True
        """Whether all mistakes are of rows, and none of a file or of the mapping."""

    def open(self, file: Path) -> FileAccount:
        """Begin the account of a file."""
        self.files.append(FileAccount(file, len(self.files)))
        return self.files[-1]

    def refuse(self, at: FileAccount, line: int, reason: Reason, message: str, values: int = 1) -> None:
        """Count values that are left out by a mistake, and name it."""
        at.leave_out(reason, line, values)
        self.note(Mistake(at.file, line, message))
        self.skippable = self.skippable and reason not in FATAL

    def note(self, mistake: Mistake) -> None:
        """Name a mistake, or count it where enough are named."""
        self.wrong += 1
        if len(self.mistakes) < MOST_NAMED:
            self.mistakes.append(mistake)

    def fail(self, error: FileError) -> None:
        """Note that a file cannot be used."""
        self.skippable = False
        for mistake in error.mistakes:
            self.note(mistake)

    @property
    def values(self) -> int:
        """Values of all files."""
        return sum(file.values for file in self.files)

    @property
    def taken(self) -> int:
        """Values that are in the recording."""
        return sum(file.taken for file in self.files)

    @property
    def repeated(self) -> int:
        """Values that only said again what an earlier row had said."""
        return sum(file.repeated for file in self.files)

    @property
    def left_out(self) -> Counter[Reason]:
        """Values that are left out, by reason."""
        return sum((file.left_out for file in self.files), Counter())

    @property
    def skipped(self) -> int:
        """Values that are left out by a mistake."""
        return sum(number for reason, number in self.left_out.items() if reason not in CHOSEN)

    def lines(self) -> Iterator[str]:
        """Yield the account as people read it."""
        rows = sum(file.rows for file in self.files)
        files = len({file.file for file in self.files})
        yield (
            f"{counted(rows, 'row', ',')} in {counted(files, 'file', ',')}, {counted(self.values, 'value', ',')}:"
            f" {self.taken:,} taken,"
            f" {self.repeated:,} repeated, {sum(self.left_out.values()):,} left out"
        )
        for reason in Reason:
            if number := self.left_out[reason]:
                yield f"  left out {reason}: {number:,} (first {self._first(reason)})"
        over = sum((file.passed_over for file in self.files), Counter[str]())
        if over:
            yield "  no rows: " + ", ".join(f"{what} {number:,}" for what, number in sorted(over.items()))
        yield from (f"  {what}: {self.bent[what]:,}" for what in Bent if self.bent[what])

    def json(self) -> dict[str, Any]:
        """Return the account in numbers, of all and file by file."""
        return {
            "values": self.values,
            "taken": self.taken,
            "repeated": self.repeated,
            "left_out": {reason.name.lower(): number for reason, number in sorted(self.left_out.items())},
            "bent": {what.name.lower(): number for what, number in sorted((+self.bent).items())},
            "warnings": [str(warning) for warning in self.warnings],
            "mistakes": [str(mistake) for mistake in self.mistakes],
            "files": [_json(file) for file in self.files],
        }

    def _first(self, reason: Reason) -> str:
        return next(f"{file.file.name}:{file.first[reason]}" for file in self.files if reason in file.first)


def _json(file: FileAccount) -> dict[str, Any]:
    return {
        "file": str(file.file),
        "rows": file.rows,
        "values": file.values,
        "taken": file.taken,
        "repeated": file.repeated,
        "left_out": {reason.name.lower(): number for reason, number in sorted(file.left_out.items())},
        "no_rows": dict(sorted(file.passed_over.items())),
    }
