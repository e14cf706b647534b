"""What was compared, what differs, and which of that is agreed."""

import sys
import threading
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

_LONGEST = 300
"""Characters of a question that are printed."""


@dataclass(slots=True)
class Agreed:
    """A difference that is meant: questions by a pattern (`*` stands for anything), and the reason."""

    question: str
    reason: str
    used: int = 0


@dataclass(slots=True)
class Findings:
    """Counts of what was compared and what differs; each difference is told as it is found. Thread-safe."""

    agreed: list[Agreed]
    only: str = ""
    compared: int = 0
    differ: int = 0
    meant: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wants(self, name: str) -> bool:
        """Whether a question is to be asked."""
        return self.only in name

    def note(self, name: str, difference: str | None) -> None:
        """Take in what came of a question: None where both sides say the same."""
        with self._lock:
            self.compared += 1
            if difference is None:
                return
            why = next((one for one in self.agreed if fnmatchcase(name, one.question)), None)
            if why is not None:
                why.used += 1
                self.meant += 1
            else:
                self.differ += 1
            print(f"{'meant ' if why else 'DIFFER'} {name[:_LONGEST]}: {difference}", flush=True)

    def tell(self) -> int:
        """Print the sum; return the exit status."""
        for one in self.agreed:
            print(f"{one.used} agreed as {one.question!r}: {one.reason}")
        agreed = f", {self.meant} as agreed" if self.meant else ""
        print(f"{self.compared} answers compared, {self.differ} differ{agreed}", flush=True)
        return 1 if self.differ or not self.compared else 0


def agreed_in(file: Path | None) -> list[Agreed]:
    """Read a file of agreed differences: TOML, a table `[[agreed]]` with `question` and `reason` for each.

    Raises:
        SystemExit: one of them lacks its reason.
    """
    if file is None:
        return []
    found = tomllib.loads(file.read_text(encoding="utf-8")).get("agreed", [])
    if any({*one} != {"question", "reason"} for one in found):
        sys.exit(f"{file}: each [[agreed]] has a question and a reason, and nothing else")
    return [Agreed(**one) for one in found]
