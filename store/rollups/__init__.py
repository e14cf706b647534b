"""Roll-ups in files: a cache beside the store, which may be deleted at any time."""

from store.rollups.files import Header, RollupFile, RollupFiles
from store.rollups.packed import Damaged
from store.rollups.sections import Section

__all__ = ["Damaged", "Header", "RollupFile", "RollupFiles", "Section"]
