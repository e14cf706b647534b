"""Between roll-up files and the sheets of months: what is copied, and read again."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace

from analytics.rollup.layout import Layout
from analytics.rollup.rolled import Rolled, join
from analytics.rollup.rolling import roll
from analytics.spacestates import space_states
from dashboards.rollups.translation import Want, cohorts_of, read_from, rolled_of, site_of
from spaces.readings import no_readings
from spaces.times import DAY
from store.rollups import Listed, RollupFile, RollupFiles, Section, Sheet, SheetHeader, Sheets, month_of
from store.rollups.sections import schema_of
from store.rollups.sheets import FORMAT, ROWS


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
        header = SheetHeader(FORMAT, layout.shape, tuple(days))
        sheets.write(site, month_of(days[0].day), header, schema_of(_sections(layout)), rows, _parts(opened, layout))
    return True


def _sections(layout: Layout) -> dict[str, Section]:
    """Return sections of a sheet that hold nothing, for their columns."""
    states = space_states(layout.site, no_readings(), 0, 0)
    nothing = replace(roll(layout, states, 0, 0), levels=None)
    return {"site": site_of(nothing), "cohort": cohorts_of(nothing)}


def _parts(files: Sequence[RollupFile], layout: Layout) -> Iterator[tuple[str, Section]]:
    """Yield what files say of the site, and of some cohorts after others."""
    yield "site", site_of(join([rolled_of(file, Want((), (), counting=True)) for file in files]))
    for low in range(0, len(layout.masks), ROWS):
        want = Want(tuple(range(low, min(low + ROWS, len(layout.masks)))), runs=True)
        yield "cohort", cohorts_of(join([rolled_of(file, want) for file in files]))


def bound(sheet: Sheet, want: Want) -> Rolled:
    """Read what is wanted (nothing of spaces, no levels) of all of a sheet's days.

    Raises:
        Damaged: the sheet is no use.
    """
    days = sheet.header.days
    return read_from(sheet, days[0].day * DAY, (days[-1].day + 1) * DAY, want)
