"""Between roll-up files and the sheets of months: what is copied, and read again."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import numpy as np

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import GROUPED, Rolled, join
from dashboards.api.rollups.translation import Want, rolled_of
from spaces.times import DAY
from store.rollups import Listed, RollupFile, RollupFiles, Section, Sheet, SheetHeader, Sheets, month_of
from store.rollups.sections import schema_of
from store.rollups.sheets import FORMAT

_AT_ONCE = 64
"""Cohorts held at a time: a month of 64 is some 20 MB."""


def bind(site: str, layout: Layout, days: Sequence[Listed], files: RollupFiles, sheets: Sheets) -> bool:
    """Write the sheet of days (whole, one after another, of one month); return False where a file was replaced.

    Raises:
        OSError: the disk takes no more.
        Damaged: a file cannot be read.
    """
    with ExitStack() as stack:
        opened = []
        for listed in days:
            file = stack.enter_context(files.opened(site, listed.day, listed.header.digest))
            if file is None or file.header != listed.header:
                return False
            opened.append(file)
        rows = {"site": 1, "cohort": len(layout.masks)}
        nothing = {name: np.zeros((1, 0), dtype=kind) for name, kind in GROUPED.items()}
        counting = {"counting": np.zeros((1, 0), dtype=np.bool_)}
        schema = schema_of({"site": Section.dense(1, counting), "cohort": Section.dense(1, nothing)})
        header = SheetHeader(FORMAT, layout.shape, tuple(days))
        sheets.write(site, month_of(days[0].day), header, schema, rows, _parts(opened, rows["cohort"]))
    return True


def _parts(files: Sequence[RollupFile], cohorts: int) -> Iterator[tuple[str, Section]]:
    """Yield what files say of the site, and of some cohorts after others."""
    whole = join([rolled_of(file, Want((), ())) for file in files])
    yield "site", Section.dense(1, {"counting": whole.counting.reshape(1, -1)})
    for low in range(0, cohorts, _AT_ONCE):
        want = Want(tuple(range(low, min(low + _AT_ONCE, cohorts))))
        part = join([rolled_of(file, want) for file in files])
        yield "cohort", Section.dense(len(part.cohorts), part.grouped)


def bound(sheet: Sheet, want: Want) -> Rolled:
    """Read what is wanted (nothing of spaces, no levels, no runs) of all of a sheet's days.

    Raises:
        Damaged: the sheet is no use.
    """
    days = sheet.header.days
    start, end = days[0].day * DAY, (days[-1].day + 1) * DAY
    section = sheet.read("cohort", want.grouped, want.cohorts)
    counting = sheet.read("site", ["counting"]).values["counting"]
    return Rolled(
        start,
        end,
        np.array(want.cohorts, dtype=np.int32),
        {name: section.matrix(name) for name in want.grouped},
        counting.reshape(96 * len(days), -1),
    )
