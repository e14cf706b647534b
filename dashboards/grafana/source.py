"""Where a dashboard's rows come from. The same dashboards stand on more than one source."""

from typing import Any, Protocol

from dashboards.grafana.ask import Ask

Json = dict[str, Any]


class Source(Protocol):
    """Turns questions into the targets of one of Grafana's data sources."""

    @property
    def name(self) -> str:
        """A word that tells dashboards on this source from others; empty for the main one."""
        ...

    @property
    def every(self) -> str:
        """What a picker sends for "all"."""
        ...

    @property
    def reference(self) -> Json:
        """How panels refer to the data source: its type and uid."""
        ...

    def target(self, ask: Ask, ref: str) -> Json:
        """Return a panel's target."""
        ...

    def variable(self, name: str) -> Json:
        """Return what the picker `site`, `floor`, `zone` or `kind` asks."""
        ...
