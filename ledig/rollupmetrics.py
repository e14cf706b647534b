"""How a loop of roll-ups is doing, for Prometheus."""

import time
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ledig.rolling import RollupLoop


class RollupCollector(Collector):
    """Collects what a loop has done, and how fresh roll-ups are by it."""

    def __init__(self, loop: RollupLoop) -> None:
        self._loop = loop

    def collect(self) -> Iterator[Metric]:
        """Yield the numbers. A loop that has not had its turn yet, or never got done, has no age."""
        progress = self._loop.progress
        yield CounterMetricFamily(
            "ledig_rollup_quarter_hours", "Quarter-hours of sites that were rolled up.", value=progress.quarters
        )
        age = GaugeMetricFamily("ledig_rollup_age_seconds", "Time since nothing was left to be rolled up.")
        if progress.fresh is not None:
            age.add_metric([], time.monotonic() - progress.fresh)
        yield age
        for name, value, text in (
            ("due_days", progress.due, "Days of sites that are still to be rolled up."),
            ("writes", self._loop.has_turn(), "Whether it is this process that writes in the folder."),
            ("up", self._loop.trouble() is None, "Whether nothing is in the way of rolling up."),
        ):
            yield GaugeMetricFamily(f"ledig_rollup_{name}", text, value=value)
