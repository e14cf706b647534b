"""The spool: readings rest durably on this machine's disk until a server store has them for certain.

`Spool` is the queue on disk, `SpooledStore` puts it before a store that may be away or that answers before it is
durable. Why it is made as it is: docs/decisions/0011-spool.md.
"""

from store.spool.settled import Settled
from store.spool.spool import Spool, SpoolFullError
from store.spool.spooled import SpooledStore

__all__ = ["Settled", "Spool", "SpoolFullError", "SpooledStore"]
