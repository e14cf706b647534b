"""Asking the API, whose every answer has been disclosed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.privacy.disclosure import Row


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: frame and rows; `trouble` is why there are none, None where they are there."""

    meta: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    trouble: str | None = None


Ask = Callable[[str, Mapping[str, str]], Answered]
"""Asks for a path below the site, such as ``utilisation``, with parameters."""
