"""What an operator may set of the API."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Bounds of what one request may cost.

    `most_days` is the longest window, `most_rows` the longest answer (groups x buckets); `cached_mb` bounds
    the memory that the states of past days may take.
    """

    most_days: int = 400
    most_rows: int = 100_000
    cached_mb: int = 128
