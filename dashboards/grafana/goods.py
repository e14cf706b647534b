"""What is pushed to a Grafana, and what became of it."""

from typing import NamedTuple

from dashboards.grafana.source import Json


class PushError(Exception):
    """Grafana cannot be pushed to; the message says what to do."""


class Goods(NamedTuple):
    """What is pushed. Without a data source the one that is there is used; `plugin` is whether Infinity is needed."""

    dashboards: tuple[Json, ...]
    source: Json | None
    plugin: bool


class Change(NamedTuple):
    """What became of one thing, or would: `create`, `update` or `same`, and the difference in lines."""

    what: str
    verb: str
    lines: tuple[str, ...] = ()
