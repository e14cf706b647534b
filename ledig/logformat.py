"""Log lines: when, how bad, where from, what; one form for all processes and the libraries in them."""

import logging
from datetime import datetime


class LogFormatter(logging.Formatter):
    """Spells the time of a line as RFC 3339, to the second, in the machine's own zone with its offset."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802, ARG002 - logging's
        """Return the time of a record."""
        return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="seconds")


def set_up_logging() -> None:
    """Let warnings and worse go to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
