"""The sheets of months (`store.rollups.sheets`), as they are found."""

from collections.abc import Mapping
from typing import NamedTuple

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled
from dashboards.rollups.binding import bound
from dashboards.rollups.memory import GoneError, Memory
from dashboards.rollups.translation import Want
from store.rollups import Damaged, Listed, Sheets
from store.rollups.headers import Signature


class Month(NamedTuple):
    """What a sheet lists, of none nothing."""

    signature: Signature | None
    days: Mapping[int, Listed]


class Months:
    """The sheets of all sites. Thread-safe: what two threads find out, both find out."""

    def __init__(self, sheets: Sheets) -> None:
        self._sheets = sheets
        self._seen: dict[tuple[str, str, str], Month] = {}

    def of(self, layout: Layout, month: str) -> Month:
        """Return a month as its sheet has it now."""
        site, _, shape = key = layout.site.id, month, layout.shape
        signature = self._sheets.signature(site, month, shape)
        seen = self._seen.get(key)
        if seen is None or seen.signature != signature:
            self._seen[key] = seen = self._look(site, month, shape, signature)
        return seen

    def read(self, layout: Layout, month: str, want: Want, memory: Memory) -> Rolled:
        """Return what is wanted of all days that are in a month's sheet.

        Raises:
            Damaged, GoneError: ask the states.
        """
        site, shape = layout.site.id, layout.shape
        known = self._seen[site, month, shape]

        def read() -> Rolled:
            with self._sheets.opened(site, month, shape) as sheet:
                if sheet is None or {listed.day: listed for listed in sheet.header.days} != known.days:
                    raise GoneError(f"the sheet of {site} for {month} was replaced")
                return bound(sheet, want)

        return memory.get((site, month, shape, known.signature, want), read)

    def _look(self, site: str, month: str, shape: str, signature: Signature | None) -> Month:
        if signature is not None:
            try:
                with self._sheets.opened(site, month, shape) as sheet:
                    if sheet is not None:
                        return Month(signature, {listed.day: listed for listed in sheet.header.days})
            except Damaged:
                pass  # it is gone now
        return Month(None, {})
