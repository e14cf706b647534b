"""The sheets of months (`store.rollups.sheets`), as they are found."""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled
from dashboards.cache import Cache
from dashboards.rollups.binding import bound
from dashboards.rollups.memory import GoneError, Memory
from dashboards.rollups.translation import Want
from store.rollups import Damaged, Listed, Sheets
from store.rollups.headers import Signature

_MOST = 1_000
"""Sheets of which it is known what they list, some tens of kilobytes each."""


class Month(NamedTuple):
    """What a sheet lists, of none nothing."""

    name: str
    signature: Signature | None
    days: Mapping[int, Listed]


class Months:
    """The sheets of all sites. Thread-safe."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        self._seen: Cache[tuple[str, str], Month] = Cache(_MOST)

    def of(self, layout: Layout, name: str) -> Month:
        """Return a month as its sheet has it now."""
        site, shape = layout.site.id, layout.shape
        signature = self._sheets.signature(site, name, shape)
        if signature is not None:
            with suppress(Damaged, GoneError):  # it is gone now
                return self._seen.get((site, name), (shape, signature), lambda: self._look(layout, name, signature))
        return Month(name, None, {})

    def read(self, layout: Layout, month: Month, want: Want, memory: Memory) -> Rolled:
        """Return what is wanted of all days that are in a month's sheet, as it was found.

        Raises:
            Damaged, GoneError: ask the states.
        """
        site, shape = layout.site.id, layout.shape

        def read() -> Rolled:
            with self._sheets.opened(site, month.name, shape) as sheet:
                if sheet is None or {listed.day: listed for listed in sheet.header.days} != month.days:
                    raise GoneError(f"the sheet of {site} for {month.name} was replaced")
                return bound(sheet, want)

        return memory.get((site, month.name, want), (shape, month.signature), read)

    def _look(self, layout: Layout, name: str, signature: Signature) -> Month:
        """Return what a sheet lists.

        Raises:
            Damaged, GoneError: there is none any more.
        """
        with self._sheets.opened(layout.site.id, name, layout.shape) as sheet:
            if sheet is None:
                raise GoneError(f"the sheet of {layout.site.id} for {name} is gone")
            return Month(name, signature, {listed.day: listed for listed in sheet.header.days})
