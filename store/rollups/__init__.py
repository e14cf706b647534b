"""Roll-ups in files: a cache beside the store, which may be deleted at any time."""

from store.rollups.files import RollupFile, RollupFiles
from store.rollups.headers import Header
from store.rollups.packed import Damaged
from store.rollups.sections import Section
from store.rollups.sheets import Listed, Sheet, SheetHeader, Sheets, month_of

__all__ = [
    "Damaged",
    "Header",
    "Listed",
    "RollupFile",
    "RollupFiles",
    "Section",
    "Sheet",
    "SheetHeader",
    "Sheets",
    "month_of",
]
