"""What answers are worked out from: the store, what is in force now, the clock, and what is kept in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dashboards.answers.errors import AnswerError, wrong_argument
from dashboards.answers.figuresource import FigureSource
from dashboards.answers.opendays import OpenDaysKept
from dashboards.answers.statecache import StateCache
from dashboards.rollups.source import Rollups
from spaces.times import Millis
from store.live import Live
from store.protocol import Store
from store.rollups import RollupFiles

Clock = Callable[[], Millis]
"""How the time is asked for: UTC ms. A demo's runs faster than the wall's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one answer may cost: its longest window in days, its rows (groups x buckets), and memory in megabytes."""

    most_days: int = 400
    most_rows: int = 100_000
    cached_mb: int = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything that answers are worked out from."""

    limits: Limits
    store: Store
    live: Live
    now: Clock
    states: StateCache
    figures: FigureSource
    days: OpenDaysKept = field(default_factory=OpenDaysKept)

    @classmethod
    def over(
        cls, store: Store, live: Live, now: Clock, limits: Limits | None = None, rollups: RollupFiles | None = None
    ) -> "Context":
        """Return the context of a store; with `rollups`, figures are found in them at less cost than from readings."""
        limits = limits or Limits()
        most_bytes = limits.cached_mb * 1_000_000
        states = StateCache(store, live, most_bytes=most_bytes)
        rolled = Rollups(rollups, store, live, most_bytes=most_bytes) if rollups else None
        figures = FigureSource(states, rolled)
        return cls(limits=limits, store=store, live=live, now=now, states=states, figures=figures)

    def check_rows(self, count: int) -> None:
        """Refuse an answer of too many rows.

        Raises:
            AnswerError: with the limit and what would be less.
        """
        if count > self.limits.most_rows:
            hint = "ask for longer buckets, fewer groups or less time"
            detail = f"The answer would have {count} rows, the limit is {self.limits.most_rows}; {hint}"
            raise AnswerError(detail, wrong=[("bucket", detail)])

    def check_groups(self, count: int) -> None:
        """Refuse an answer whose groups alone make too many rows.

        Raises:
            AnswerError: with the limit.
        """
        if count > self.limits.most_rows:
            detail = f"the answer would have {count} rows, the limit is {self.limits.most_rows}; ask for fewer groups"
            raise wrong_argument("group", detail)
