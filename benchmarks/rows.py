"""The rows that `make bench` prints: ours and a baseline, measured in the same run."""

import json
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison; a ratio above 1 means that ours is better, whatever the unit."""

    name: str
    ours: float
    baseline: float
    unit: str
    ratio: float


def emit(row: Row) -> None:
    """Print a row as one line of JSON."""
    rounded = {
        key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row._asdict().items()
    }
    print(json.dumps(rounded), flush=True)
