"""What an operator may set of the API."""

from dataclasses import dataclass, field
from pathlib import Path

SHORTEST = 16
"""Characters of a key: who may ask as often as they like must not guess it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """Bounds of what one request may cost, and who may ask.

    `most_days` is the longest window, `most_rows` the longest answer (groups x buckets); `cached_mb` bounds
    the memory that the states of past days may take. Without the `key` nobody sees anything, unless it is empty.
    `ingest_urls` are the addresses of other processes whose metrics /v1/pipeline shows. `kept` is the folder of what
    people write down (notes, acknowledged sensors); without one it lasts as long as the process.
    """

    most_days: int = 400
    most_rows: int = 100_000
    cached_mb: int = 128
    key: str = field(default="", repr=False)
    ingest_urls: tuple[str, ...] = ()
    kept: Path | None = None
