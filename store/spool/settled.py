"""What becomes of spooled readings, and what a store says of itself that they depend on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

from spaces.reading import Reading


@runtime_checkable
class Forgetful(Protocol):
    """A store whose answer is not yet a promise."""

    def epoch(self) -> object | None:
        """Return what changes when something lately written may have been lost: a restart, a node away.

        None: that cannot be told. It may be called from any thread.

        Raises:
            StoreError: the store does not answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of spooled readings: taken by the store as new or as known already, or refused, with the reason.

    `own` readings were put during this process's life, others in an earlier one. Those have been acknowledged then,
    and may have been told of then too.
    """

    stored: int = 0
    duplicate: int = 0
    refused: Sequence[tuple[Reading, str]] = ()
    own: bool = True


class Kept(NamedTuple):
    """A delivery that the store has answered, kept for a while."""

    answered: float
    ids: Sequence[int]
    settled: Settled
