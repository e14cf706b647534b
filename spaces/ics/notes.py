"""What is said of a calendar: mistakes, for which it is refused, and warnings, with which it is taken."""

from pathlib import Path

from spaces.mistakes import Mistake

MOST_SAID = 100
"""Mistakes of one file that are told one by one: what is wrong with a thousand events has few causes."""


class Notes:
    """Mistakes and warnings of one file, each with its line; a warning that comes again is counted, not repeated."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._warned: dict[str, tuple[int, int]] = {}
        self._refused: list[Mistake] = []
        self.refused = 0
        """How many mistakes were noted."""

    @property
    def mistakes(self) -> list[Mistake]:
        """What is wrong; of very much, the first and how much more."""
        more = self.refused - len(self._refused)
        last = (
            [Mistake(self._file, self._refused[-1].line, f"and {more:,} more mistakes after this one")] if more else []
        )
        return [*self._refused, *last]

    @property
    def warnings(self) -> tuple[Mistake, ...]:
        """What was bent into shape, ascending by line."""
        return tuple(
            sorted(
                Mistake(self._file, line, message if times == 1 else f"{message} (and {times - 1} more like it)")
                for message, (line, times) in self._warned.items()
            )
        )

    def refuse(self, line: int, message: str) -> None:
        """Note a mistake."""
        self.refused += 1
        if self.refused <= MOST_SAID:
            self._refused.append(Mistake(self._file, line, message))

    def warn(self, line: int, message: str) -> None:
        """Note what is taken otherwise than it is written."""
        first, times = self._warned.get(message, (line, 0))
        self._warned[message] = (first, times + 1)
